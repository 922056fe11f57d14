package io.sparkformer.model.block;

import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Segments;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a batch of sequences that are decoded has seen: how many tokens each row has, and the keys and values of every attention. */
public final class DecodingState implements AutoCloseable {
  private final Map<String, KeyValueCache> caches = new HashMap<>();
  private CrossAttentionWatch watch;
  private int[] lengths;

  public DecodingState(int rows) {
    this.lengths = new int[rows];
  }

  public int rows() {
    return lengths.length;
  }

  /** Of every row, the position of its next token. */
  public int[] positions() {
    return lengths;
  }

  public void put(String attention, KeyValueCache cache) {
    caches.put(attention, cache);
  }

  public KeyValueCache cache(String attention) {
    return caches.get(attention);
  }

  /** From now on the watch sees what its attention reads. */
  public void watch(CrossAttentionWatch of) {
    watch = of;
  }

  /** A cross-attention is about to look at its cache. */
  void looks(String attention, INDArray x, Segments segments) {
    if (watch != null && watch.attention().equals(attention)) {
      watch.look(x, segments);
    }
  }

  /** Gives the memory of the caches back. */
  @Override
  public void close() {
    caches.values().forEach(KeyValueCache::close);
    caches.clear();
  }

  /** Every row has got its new tokens. */
  public void advance(Segments added) {
    int[] advanced = lengths.clone();
    for (int row = 0; row < advanced.length; row++) {
      advanced[row] += added.length(row);
    }
    lengths = advanced;
  }

  /** Row r goes on with the history of row {@code parents[r]}. */
  public void select(int[] parents) {
    caches.values().forEach(cache -> cache.select(parents));
    if (watch != null) {
      watch.select(parents);
    }
    int[] selected = new int[parents.length];
    for (int row = 0; row < parents.length; row++) {
      selected[row] = lengths[parents[row]];
    }
    lengths = selected;
  }
}
