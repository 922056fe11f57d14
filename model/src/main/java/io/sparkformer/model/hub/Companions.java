package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The files of a model folder beside its configuration and its tensors. */
public final class Companions {
  /** How Hugging Face's {@code generate} is to begin and to end. */
  public static final String GENERATION = "generation_config.json";
  /** The tokenizer's class, special tokens and longest text. */
  public static final String TOKENIZER = "tokenizer_config.json";
  public static final String SPECIAL_TOKENS = "special_tokens_map.json";

  /** What is copied when a model is. */
  static final List<String> NAMES = List.of("tokenizer.json", TOKENIZER, SPECIAL_TOKENS, "added_tokens.json", GENERATION, "vocab.json",
      "vocab.txt", "merges.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "source.spm", "target.spm",
      "chat_template.jinja", "README.md");

  private static final List<String> GENERATION_KEYS = List.of("bos_token_id", "decoder_start_token_id", "eos_token_id",
      "forced_eos_token_id", "pad_token_id");
  private static final Map<String, String> ROLES = Map.of("<pad>", "pad_token", "<s>", "bos_token", "</s>", "eos_token",
      "<unk>", "unk_token", "<mask>", "mask_token");

  private Companions() {}

  /**
   * The files that Hugging Face's loaders need for a model that was trained here, by name.
   *
   * @param config the model's {@code config.json}
   * @param tokenizer the content of {@code tokenizer.json}
   */
  public static Map<String, JsonNode> of(JsonNode config, JsonNode tokenizer) {
    Map<String, JsonNode> files = new LinkedHashMap<>();
    files.put(GENERATION, generation(config));
    ObjectNode roles = JsonNodeFactory.instance.objectNode();
    ObjectNode added = JsonNodeFactory.instance.objectNode();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      String text = token.path("content").asText();
      if (ROLES.containsKey(text)) {
        roles.put(ROLES.get(text), text);
      }
      ObjectNode properties = token.deepCopy();
      added.set(String.valueOf(properties.remove("id").asInt()), properties);
    }
    files.put(SPECIAL_TOKENS, roles);
    ObjectNode description = JsonNodeFactory.instance.objectNode();
    description.set("added_tokens_decoder", added);
    // Spaces before punctuation are part of the text.
    description.put("clean_up_tokenization_spaces", false);
    description.set("model_max_length", config.path("max_position_embeddings"));
    description.setAll(roles);
    // Neither network knows of kinds of tokens.
    description.putArray("model_input_names").add("input_ids").add("attention_mask");
    description.put("tokenizer_class", "PreTrainedTokenizerFast");
    files.put(TOKENIZER, description);
    return files;
  }

  /** Writes those files beside a model that a folder with a {@code tokenizer.json} lacks. */
  public static void complete(FileSystem files, Path folder, ModelConfig config) throws IOException {
    JsonNode tokenizer;
    try (InputStream in = files.open(new Path(folder, "tokenizer.json"))) {
      tokenizer = new ObjectMapper().readTree(in);
    }
    for (Map.Entry<String, JsonNode> each : of(config.json(), tokenizer).entrySet()) {
      Path file = new Path(folder, each.getKey());
      if (!files.exists(file)) {
        try (OutputStream out = files.create(file, false)) {
          out.write((each.getValue().toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  private static ObjectNode generation(JsonNode config) {
    Map<String, JsonNode> values = new TreeMap<>();
    for (String key : GENERATION_KEYS) {
      if (config.has(key)) {
        values.put(key, config.get(key));
      }
    }
    ObjectNode generation = JsonNodeFactory.instance.objectNode().put("_from_model_config", true);
    generation.setAll(values);
    if (config.has("max_position_embeddings")) {
      // Without it, Hugging Face stops after 20 tokens.
      generation.set("max_length", config.get("max_position_embeddings"));
    }
    return generation;
  }
}
