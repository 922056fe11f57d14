package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.KeyValueCache;
import java.util.HashMap;
import java.util.Map;

/** Where a decoding batch stands: the position of its next token, and what every attention of the decoder has seen. */
final class DecodingState {
  private final Map<String, KeyValueCache> caches = new HashMap<>();
  private int position;

  void put(String vertex, KeyValueCache cache) {
    caches.put(vertex, cache);
  }

  KeyValueCache cache(String vertex) {
    return caches.get(vertex);
  }

  int position() {
    return position;
  }

  void advance() {
    position++;
  }

  /** Row r goes on with the history of row {@code parents[r]}. */
  void select(int[] parents) {
    caches.values().forEach(cache -> cache.select(parents));
  }
}
