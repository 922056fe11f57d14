package io.sparkformer.model.kernel.portable;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Keys and values {@code [rows * heads, capacity, head_width]}, of which the first {@code length} positions are filled.
 * The capacity doubles when it is full, so that decoding n tokens copies O(n) positions.
 */
final class Nd4jKeyValueCache implements KeyValueCache {
  private static final int FIRST_CAPACITY = 16;

  private final int heads;
  private INDArray keys;
  private INDArray values;
  /** Added to scores: {@code [rows, key_time]}; null if every row has {@code length} keys. */
  private INDArray hidden;
  private int rows;
  private int length;
  private final int width;

  /** An empty cache that grows. */
  Nd4jKeyValueCache(int rows, int heads, int width) {
    this.rows = rows;
    this.heads = heads;
    this.width = width;
  }

  /** A full cache that stays: {@code keys}, {@code values} {@code [rows * heads, key_time, head_width]}. */
  Nd4jKeyValueCache(int heads, INDArray keys, INDArray values, INDArray hidden) {
    this.heads = heads;
    this.rows = (int) hidden.size(0);
    this.keys = keys;
    this.values = values;
    this.hidden = hidden;
    this.length = (int) keys.size(1);
    this.width = (int) keys.size(2);
  }

  /** Appends one position: {@code key}, {@code value} {@code [rows, d_model]}. */
  void append(INDArray key, INDArray value) {
    if (keys == null || keys.size(1) == length) {
      keys = grown(keys, key);
      values = grown(values, value);
    }
    place(keys).assign(key.reshape((long) rows * heads, width));
    place(values).assign(value.reshape((long) rows * heads, width));
    length++;
  }

  /** Attends with {@code query [rows, d_model]}; returns the mixed values {@code [rows * heads, 1, head_width]}. */
  INDArray attend(INDArray query, double scale) {
    INDArray seenKeys = seen(keys);
    INDArray seenValues = seen(values);
    INDArray q = query.reshape((long) rows * heads, 1, width);
    INDArray scores = Nd4jOps.temporary(q.dataType(), (long) rows * heads, 1, length);
    Nd4jOps.productWithTransposed(q, seenKeys, scores, scale);
    if (hidden != null) {
      INDArray byRow = scores.reshape(rows, heads, length);
      byRow.addi(hidden.reshape(rows, 1, length).broadcast(byRow.shape()));
    }
    Nd4jOps.softmaxInPlace(scores);
    return Nd4jOps.product(scores, seenValues, Nd4jOps.temporary(q.dataType(), q.shape()));
  }

  @Override
  public void select(int[] parents) {
    if (keys != null) {
      keys = selected(keys, parents, heads);
      values = selected(values, parents, heads);
    }
    if (hidden != null) {
      hidden = selected(hidden, parents, 1);
    }
    rows = parents.length;
  }

  private static INDArray selected(INDArray array, int[] parents, int perRow) {
    int[] rows = new int[parents.length * perRow];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = parents[i / perRow] * perRow + i % perRow;
    }
    long[] shape = array.shape().clone();
    shape[0] = rows.length;
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return Nd4jOps.gather(array, Nd4j.createFromArray(rows), Nd4jOps.temporary(array.dataType(), shape));
    }
  }

  private INDArray seen(INDArray array) {
    return array.size(1) == length
        ? array
        : array.get(NDArrayIndex.all(), NDArrayIndex.interval(0, length), NDArrayIndex.all()).dup('c');
  }

  private INDArray place(INDArray array) {
    return array.get(NDArrayIndex.all(), NDArrayIndex.point(length), NDArrayIndex.all());
  }

  private INDArray grown(INDArray old, INDArray like) {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray larger = Nd4j.create(like.dataType(), new long[] {(long) rows * heads, Math.max(FIRST_CAPACITY, 2L * length), width}, 'c');
      if (old != null) {
        larger.get(NDArrayIndex.all(), NDArrayIndex.interval(0, length), NDArrayIndex.all()).assign(old);
      }
      return larger;
    }
  }
}
