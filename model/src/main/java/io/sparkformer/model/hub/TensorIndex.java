package io.sparkformer.model.hub;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * {@code model.safetensors.index.json}: which file of a folder holds which tensor.
 *
 * @param totalBytes of all tensors, without headers
 * @param fileOf names of files beside the index, by the names of tensors
 */
record TensorIndex(long totalBytes, Map<String, String> fileOf) {
  static final String FILE = "model.safetensors.index.json";
  /** Several times what the largest models need; keeps a damaged file from filling the memory. */
  private static final long MAX_BYTES = 64 << 20;
  private static final String MAP = "weight_map";

  /** @throws DamagedFileException when it is no map from tensors to files beside it */
  static TensorIndex read(FileSystem fileSystem, Path path) throws IOException {
    long bytes = fileSystem.getFileStatus(path).getLen();
    if (bytes > MAX_BYTES) {
      throw new DamagedFileException(path + ": " + bytes + " bytes, an index has at most " + MAX_BYTES);
    }
    byte[] text;
    try (InputStream in = fileSystem.open(path)) {
      text = in.readAllBytes();
    }
    try (JsonParser json = StrictJson.parser(text)) {
      return new TensorIndex(0, read(json, path));
    } catch (JsonProcessingException e) {
      throw new DamagedFileException(path + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DamagedFileException(path + ": not UTF-8 text: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> read(JsonParser json, Path path) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    boolean isObject = json.nextToken() == JsonToken.START_OBJECT;
    while (isObject && json.nextToken() != JsonToken.END_OBJECT) {
      boolean isMap = json.currentName().equals(MAP);
      if (json.nextToken() == JsonToken.START_OBJECT && isMap) {
        readMap(json, path, files);
      } else {
        json.skipChildren();
      }
    }
    if (isObject && json.nextToken() != null) {
      throw new DamagedFileException(path + ": not JSON: something follows its object");
    }
    if (files.isEmpty()) {
      throw new DamagedFileException(path + ": no " + MAP + " from tensors to files");
    }
    return files;
  }

  private static void readMap(JsonParser json, Path path, Map<String, String> files) throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String tensor = json.currentName();
      boolean isName = json.nextToken() == JsonToken.VALUE_STRING && json.getText().matches("[\\w.-]+\\.safetensors");
      if (!isName) {
        throw new DamagedFileException(path + ": " + json.getText() + " is not the name of a safetensors file beside it");
      }
      files.put(tensor, json.getText());
    }
  }

  /** The index's content. */
  byte[] render() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putObject("metadata").put("total_size", totalBytes);
    ObjectNode map = root.putObject(MAP);
    fileOf.forEach(map::put);
    return (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
