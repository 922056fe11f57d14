package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.EarlyStop;
import io.sparkformer.model.decode.SearchRules;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * How a model wants to be decoded. As in Hugging Face's {@code generate}, {@code generation_config.json} says it, and {@code config.json}
 * where there is none; token ids that the file lacks are those of the tokenizer.
 *
 * @param source name of the file
 * @param control what the decoder reads first, what ends a text, and what is never part of one
 * @param rules of scores and ends
 * @param earlyStop when a search ends
 * @param beams null where the file does not say
 * @param lengthPenalty null where the file does not say
 * @param groups of a diverse beam; null where the file does not say
 * @param diversity of a diverse beam; null where the file does not say
 * @param tokens how next tokens are chosen
 * @param ignored settings of the file that change the results of searches and are not supported there, each as {@code key = value}
 */
public record GenerationConfig(String source, ControlTokens control, SearchRules rules, EarlyStop earlyStop, Integer beams,
    Double lengthPenalty, Integer groups, Double diversity, TokenDefaults tokens, List<String> ignored) implements Serializable {
  /** What would change results, and the value with which it does not. */
  private static final Map<String, String> NEUTRAL = new TreeMap<>(Map.ofEntries(
      Map.entry("do_sample", "false"), Map.entry("forced_bos_token_id", ""), Map.entry("encoder_no_repeat_ngram_size", "0"),
      Map.entry("renormalize_logits", "false"), Map.entry("begin_suppress_tokens", "")));
  private static final String BAD_WORDS = "bad_words_ids";
  private static final String SUPPRESSED = "suppress_tokens";
  private static final String BEAMS = "num_beams";
  private static final String LENGTH_PENALTY = "length_penalty";
  private static final String GROUPS = "num_beam_groups";
  private static final String DIVERSITY = "diversity_penalty";

  public GenerationConfig {
    ignored = List.copyOf(ignored);
  }

  /** Of a model that does not say how next tokens are chosen. */
  public GenerationConfig(String source, ControlTokens control, SearchRules rules, Integer beams, Double lengthPenalty,
      List<String> ignored) {
    this(source, control, rules, EarlyStop.AT_BETTER, beams, lengthPenalty, null, null, TokenDefaults.NONE, ignored);
  }

  /** Where a model comes from. */
  public enum Origin {
    /** Its scores are those of {@link SearchRules#GNMT} unless its files say how to search, and special tokens are never part of a text. */
    TRAINED_HERE,
    HUGGING_FACE
  }

  /**
   * Reads it from a model folder.
   *
   * @param config content of the folder's {@code config.json}
   */
  public static GenerationConfig read(FileSystem fileSystem, Path folder, JsonNode config, Origin origin) throws IOException {
    JsonNode file = TokenRoles.json(fileSystem, new Path(folder, Companions.GENERATION));
    try {
      return file.isMissingNode() ? of(config, HubFolder.CONFIG, TokenRoles.read(fileSystem, folder), origin)
          : of(file, Companions.GENERATION, TokenRoles.read(fileSystem, folder), origin);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * As {@link #read}.
   *
   * @param file the content of the file that says it
   * @param source name of the file
   */
  public static GenerationConfig of(JsonNode file, String source, TokenRoles roles, Origin origin) {
    int end = token(file, "eos_token_id", roles.tokens().end());
    int begin = token(file, "decoder_start_token_id", token(file, "bos_token_id", roles.tokens().begin()));
    boolean saysHow = file.hasNonNull(BEAMS) || file.hasNonNull(LENGTH_PENALTY) || file.hasNonNull(BAD_WORDS);
    List<String> ignored = new ArrayList<>();
    Set<Integer> suppressed = suppressed(file, ignored);
    SearchRules rules = SearchRules.GNMT;
    if (saysHow || origin == Origin.HUGGING_FACE) {
      rules = file.hasNonNull("forced_eos_token_id") ? SearchRules.HUGGING_FACE_FORCED_END : SearchRules.HUGGING_FACE;
    } else {
      suppressed.addAll(roles.all());
      suppressed.add(begin);
    }
    Set<Integer> otherEnds = new HashSet<>();
    file.path("eos_token_id").forEach(token -> otherEnds.add(token.asInt()));
    otherEnds.remove(end);
    suppressed.remove(end);
    suppressed.removeAll(otherEnds);
    NEUTRAL.forEach((key, neutral) -> {
      JsonNode value = file.path(key);
      boolean changes = file.hasNonNull(key) && !(value.isNumber() && !neutral.isEmpty() ? value.asDouble() == Double.parseDouble(neutral)
          : value.asText().equals(neutral));
      if (changes) {
        ignored.add(key + " = " + value);
      }
    });
    return new GenerationConfig(source, new ControlTokens(begin, end, otherEnds, suppressed), rules, earlyStop(file),
        file.hasNonNull(BEAMS) ? file.path(BEAMS).asInt() : null,
        file.hasNonNull(LENGTH_PENALTY) ? file.path(LENGTH_PENALTY).asDouble() : null,
        file.hasNonNull(GROUPS) ? file.path(GROUPS).asInt() : null, file.hasNonNull(DIVERSITY) ? file.path(DIVERSITY).asDouble() : null,
        TokenDefaults.of(file), ignored);
  }

  private static EarlyStop earlyStop(JsonNode file) {
    JsonNode value = file.path("early_stopping");
    return value.isTextual() ? EarlyStop.AT_BEST : value.asBoolean() ? EarlyStop.AT_ENOUGH : EarlyStop.AT_BETTER;
  }

  /** A token, or the first one of a list. */
  private static int token(JsonNode file, String key, int otherwise) {
    JsonNode value = file.path(key).isArray() ? file.path(key).path(0) : file.path(key);
    return value.isInt() ? value.asInt() : otherwise;
  }

  private static Set<Integer> suppressed(JsonNode file, List<String> ignored) {
    Set<Integer> suppressed = new HashSet<>();
    file.path(SUPPRESSED).forEach(token -> suppressed.add(token.asInt()));
    for (JsonNode word : file.path(BAD_WORDS)) {
      if (word.size() == 1) {
        suppressed.add(word.get(0).asInt());
      } else {
        ignored.add(BAD_WORDS + " of several tokens " + word);
      }
    }
    return suppressed;
  }
}
