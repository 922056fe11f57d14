package io.sparkformer.model.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Blocks as the text that a graph's configuration holds. */
final class BlockJson {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private BlockJson() {}

  static String write(Object block) {
    try {
      return JSON.writeValueAsString(block);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write a block: " + e.getOriginalMessage(), e);
    }
  }

  static <T> T read(String json, Class<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Invalid block in the configuration of a graph: " + e.getOriginalMessage(), e);
    }
  }
}
