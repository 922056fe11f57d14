package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.KeyValueCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** For every row its keys and values. Their arrays are never changed, only replaced, so that rows of one parent share them. */
final class Nd4jKeyValueCache implements KeyValueCache {
  /** {@code [length, key_value_heads * head_width]}, both; null where the row is empty. */
  private record Row(INDArray keys, INDArray values) {
    static final Row EMPTY = new Row(null, null);

    int length() {
      return keys == null ? 0 : (int) keys.size(0);
    }
  }

  private List<Row> rows;

  private Nd4jKeyValueCache(List<Row> rows) {
    this.rows = rows;
  }

  static Nd4jKeyValueCache empty(int rows) {
    return new Nd4jKeyValueCache(new ArrayList<>(Collections.nCopies(rows, Row.EMPTY)));
  }

  /** Keys of every row. */
  int[] lengths() {
    return rows.stream().mapToInt(Row::length).toArray();
  }

  INDArray keys(int row) {
    return rows.get(row).keys;
  }

  INDArray values(int row) {
    return rows.get(row).values;
  }

  /** Puts keys and values {@code [time, key_value_heads * head_width]} behind those of a row; keeps copies. */
  void append(int row, INDArray keys, INDArray values) {
    Row old = rows.get(row);
    rows.set(row, new Row(appended(old.keys, keys), appended(old.values, values)));
  }

  @Override
  public void select(int[] parents) {
    List<Row> selected = new ArrayList<>(parents.length);
    for (int parent : parents) {
      selected.add(rows.get(parent));
    }
    rows = selected;
  }

  private static INDArray appended(INDArray old, INDArray added) {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return old == null ? added.dup('c') : Nd4j.concat(0, old, added);
    }
  }
}
