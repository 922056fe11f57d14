package io.sparkformer.jobs.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A golden model of Hugging Face's classes as a folder with a tokenizer: the word {@code w17} is token 17, but for the tokens that the
 * model's configuration calls padding and end.
 */
public final class GoldenModelFolder {
  private static final Path CASES = Path.of("../model/src/test/resources/golden/hf");
  private static final ObjectMapper JSON = new ObjectMapper();

  private GoldenModelFolder() {}

  /** Writes the folder of a case; returns what {@code case.json} says. */
  public static JsonNode write(String name, Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String file : new String[] {"config.json", "generation_config.json", "model.safetensors"}) {
      Files.copy(CASES.resolve(name).resolve(file), folder.resolve(file));
    }
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer(JSON.readTree(folder.resolve("config.json").toFile())));
    return JSON.readTree(CASES.resolve(name).resolve("case.json").toFile());
  }

  public static String tokenizer(JsonNode config) {
    int padding = config.path("pad_token_id").asInt();
    int end = config.path("eos_token_id").asInt();
    ObjectNode json = JSON.createObjectNode().put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    ObjectNode model = JSON.createObjectNode().put("type", "WordLevel").put("unk_token", "w" + (end + 1));
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < config.path("vocab_size").asInt(); id++) {
      String text = id == padding ? "<pad>" : id == end ? "</s>" : "w" + id;
      vocabulary.put(text, id);
      if (id == padding || id == end) {
        added.addObject().put("id", id).put("content", text).put("single_word", false).put("lstrip", false).put("rstrip", false)
            .put("normalized", false).put("special", true);
      }
    }
    json.putNull("normalizer").putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    json.putNull("post_processor").putNull("decoder").set("model", model);
    return json.toPrettyString();
  }

  /** The text of tokens, without those that are no words. */
  public static String text(JsonNode ids, JsonNode config) {
    return IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt())
        .filter(id -> id != config.path("pad_token_id").asInt() && id != config.path("eos_token_id").asInt())
        .mapToObj(id -> "w" + id).collect(Collectors.joining(" "));
  }
}
