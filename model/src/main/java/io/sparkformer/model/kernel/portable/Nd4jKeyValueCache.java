package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Segments;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Keys and values of all rows, packed: the keys of a row one after another, then those of the next row. */
final class Nd4jKeyValueCache implements KeyValueCache {
  /** {@code [keys of all rows, key_value_heads * head_width]}; null as long as there are none. */
  private INDArray keys;
  private INDArray values;
  private Segments segments;

  /** An empty cache. */
  Nd4jKeyValueCache(int rows) {
    this.segments = Segments.ofLengths(0, new int[rows]);
  }

  INDArray keys() {
    return keys;
  }

  INDArray values() {
    return values;
  }

  Segments segments() {
    return segments;
  }

  /** Keys of every row. */
  int[] lengths() {
    return IntStream.range(0, segments.sentences()).map(segments::length).toArray();
  }

  /** Puts packed keys and values of new tokens behind those of their rows. */
  void append(INDArray newKeys, INDArray newValues, Segments newSegments) {
    if (newSegments.sentences() != segments.sentences()) {
      throw new IllegalArgumentException("The cache has %d rows, the new tokens are of %d"
          .formatted(segments.sentences(), newSegments.sentences()));
    }
    int old = segments.tokens();
    int[] from = IntStream.range(0, segments.sentences())
        .flatMap(row -> IntStream.concat(places(segments, row), places(newSegments, row).map(place -> old + place))).toArray();
    keys = gathered(keys == null ? newKeys : Nd4j.concat(0, keys, newKeys), from, keys);
    values = gathered(values == null ? newValues : Nd4j.concat(0, values, newValues), from, values);
    segments = Segments.ofLengths(0, IntStream.range(0, segments.sentences())
        .map(row -> segments.length(row) + newSegments.length(row)).toArray());
  }

  @Override
  public void close() {
    keys = null;
    values = null;
  }

  @Override
  public void select(int[] parents) {
    int[] from = Arrays.stream(parents).flatMap(parent -> places(segments, parent)).toArray();
    if (from.length > 0) {
      keys = gathered(keys, from, keys);
      values = gathered(values, from, values);
    }
    segments = Segments.ofLengths(0, Arrays.stream(parents).map(segments::length).toArray());
  }

  private static IntStream places(Segments segments, int row) {
    return IntStream.range(segments.start(row), segments.start(row) + segments.length(row));
  }

  /** Rows of an array in a new one outside of workspaces; closes the one that it replaces. */
  private static INDArray gathered(INDArray array, int[] rows, INDArray replaced) {
    INDArray gathered;
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      gathered = Nd4jOps.temporary(array.dataType(), rows.length, array.size(1));
    }
    Nd4jOps.gather(array, rows, gathered);
    if (replaced != null) {
      replaced.close();
    }
    return gathered;
  }
}
