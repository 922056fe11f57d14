package io.sparkformer.jobs.embed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.model.kernel.PoolingKernel;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What sentence-transformers keeps beside a model: {@code modules.json} names the steps from text to vector, {@code 1_Pooling/config.json}
 * and {@code sentence_bert_config.json} describe them. A folder without them means the mean of all tokens, not normalized, as that library
 * takes it.
 */
final class SentenceTransformersFiles {

  private static final String MODULES = "modules.json";
  private static final String POOLING = "1_Pooling";
  private static final String MEAN = "pooling_mode_mean_tokens";
  private static final String FIRST = "pooling_mode_cls_token";

  private final FileSystem files;
  private final Path folder;
  private final JsonNode modules;
  private final JsonNode limits;

  /**
   * Reads the files that are there.
   *
   * @throws InvalidInputException one is not JSON, or names a step that is not supported
   */
  SentenceTransformersFiles(Configuration hadoop, Path folder) throws IOException {
    this.files = folder.getFileSystem(hadoop);
    this.folder = folder;
    this.modules = read(MODULES);
    this.limits = read("sentence_bert_config.json");
    for (JsonNode module : modules) {
      String step = step(module);
      if (!List.of("Transformer", "Pooling", "Normalize").contains(step)) {
        throw new InvalidInputException(new Path(folder, MODULES) + " has a step " + step + ", which is not supported; a model with the "
            + "steps Transformer, Pooling and Normalize is");
      }
      if (step.equals("Transformer") && !module.path("path").asText().isEmpty()) {
        throw new InvalidInputException(new Path(folder, MODULES) + " says that the network is in " + module.path("path").asText()
            + "; move its files into " + folder);
      }
    }
  }

  private static String step(JsonNode module) {
    String type = module.path("type").asText();
    return type.substring(type.lastIndexOf('.') + 1);
  }

  private JsonNode read(String name) throws IOException {
    Path file = new Path(folder, name);
    if (!files.exists(file)) {
      return MissingNode.getInstance();
    }
    try (InputStream in = files.open(file)) {
      return JsonMapper.builder().build().readTree(in);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** @throws InvalidInputException the model's way of pooling is not supported */
  PoolingKernel.Kind pooling() {
    JsonNode config;
    String path = POOLING;
    for (JsonNode module : modules) {
      path = step(module).equals("Pooling") ? module.path("path").asText() : path;
    }
    try {
      config = read(path + "/config.json");
    } catch (IOException e) {
      throw new InvalidInputException(new Path(folder, path) + " cannot be read: " + e.getMessage(), e);
    }
    List<String> modes = new ArrayList<>();
    config.fields().forEachRemaining(field -> {
      if (field.getKey().startsWith("pooling_mode_") && field.getValue().asBoolean()) {
        modes.add(field.getKey());
      }
    });
    if (modes.isEmpty() || modes.equals(List.of(MEAN))) {
      return PoolingKernel.Kind.MEAN;
    }
    if (modes.equals(List.of(FIRST))) {
      return PoolingKernel.Kind.FIRST;
    }
    throw new InvalidInputException(new Path(folder, path + "/config.json") + " wants " + String.join(" and ", modes)
        + ", supported are " + MEAN + " and " + FIRST + "; choose one with --pooling mean or --pooling first");
  }

  boolean normalized() {
    for (JsonNode module : modules) {
      if (step(module).equals("Normalize")) {
        return true;
      }
    }
    return false;
  }

  boolean lowerCase() {
    return limits.path("do_lower_case").asBoolean(false);
  }

  /** Most tokens of a text; the largest integer where the folder does not say. */
  int maxLength() {
    return limits.path("max_seq_length").asInt(Integer.MAX_VALUE);
  }
}
