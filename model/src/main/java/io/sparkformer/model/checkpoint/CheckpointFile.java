package io.sparkformer.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.memory.FlatRange;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file of a checkpoint as its writer knows it: what an owner reports to the first rank, and an entry of the manifest.
 *
 * @param name the file's name within the checkpoint's folder
 * @param bytes its size
 * @param crc32c its checksum, eight lower-case hexadecimal digits
 * @param slice for a file of optimizer state: the slice of the flat array that it holds
 */
public record CheckpointFile(String name, long bytes, String crc32c, Optional<FlatRange> slice) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final Pattern CHECKSUM = Pattern.compile("[0-9a-f]{8}");

  /** @throws IllegalArgumentException when the name is not a plain file name, or size or checksum are impossible */
  public CheckpointFile {
    if (!NAME.matcher(name).matches() || bytes < 0 || !CHECKSUM.matcher(crc32c).matches()) {
      throw new IllegalArgumentException("Invalid file of a checkpoint: name=" + name + ", bytes=" + bytes + ", crc32c=" + crc32c);
    }
  }

  /** One line of JSON, for a message to another worker. */
  public String toJson() {
    return toNode().toString();
  }

  /** Reads what {@link #toJson} wrote. */
  public static CheckpointFile fromJson(String json) {
    try {
      return fromNode(new ObjectMapper().readTree(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not a file of a checkpoint: " + json, e);
    }
  }

  ObjectNode toNode() {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("name", name).put("bytes", bytes).put("crc32c", crc32c);
    slice.ifPresent(range -> node.put("from", range.from()).put("to", range.to()));
    return node;
  }

  static CheckpointFile fromNode(JsonNode node) {
    Optional<FlatRange> slice = node.has("from")
        ? Optional.of(new FlatRange(node.path("from").asLong(-1), node.path("to").asLong(-1)))
        : Optional.empty();
    return new CheckpointFile(node.path("name").asText(), node.path("bytes").asLong(-1), node.path("crc32c").asText(), slice);
  }
}
