package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.Set;

/**
 * How a model wants its tokens to be drawn, as its {@code generation_config.json} says; null where that does not say it.
 *
 * @param samples whether tokens are drawn at all ({@code do_sample})
 */
public record SamplingDefaults(boolean samples, Double temperature, Integer topK, Double topP, Double minP, Double repetitionPenalty,
    Integer maxNewTokens, Integer minNewTokens) implements Serializable {

  /** Of a model that says nothing. */
  public static final SamplingDefaults NONE = new SamplingDefaults(false, null, null, null, null, null, null, null);

  private static final String SAMPLES = "do_sample";
  private static final String REPETITION_PENALTY = "repetition_penalty";
  private static final String MIN_NEW_TOKENS = "min_new_tokens";
  private static final Set<String> CHANGES_RESULTS = Set.of(SAMPLES, REPETITION_PENALTY, MIN_NEW_TOKENS);

  static SamplingDefaults of(JsonNode file) {
    return new SamplingDefaults(file.path(SAMPLES).asBoolean(false), decimal(file, "temperature"), integer(file, "top_k"),
        decimal(file, "top_p"), decimal(file, "min_p"), decimal(file, REPETITION_PENALTY), integer(file, "max_new_tokens"),
        integer(file, MIN_NEW_TOKENS));
  }

  /** Whether a line of {@link GenerationConfig#ignored}, {@code key = value}, is a setting that stands here. */
  public static boolean isRead(String ignored) {
    return CHANGES_RESULTS.contains(ignored.substring(0, ignored.indexOf(' ')));
  }

  private static Double decimal(JsonNode file, String key) {
    return file.hasNonNull(key) ? file.path(key).asDouble() : null;
  }

  private static Integer integer(JsonNode file, String key) {
    return file.hasNonNull(key) ? file.path(key).asInt() : null;
  }
}
