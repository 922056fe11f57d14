package io.sparkformer.data.shard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Packs documents into rows of equal length without waste: an end-of-document token, the first document, an end-of-document token, the
 * second, and so on; the row is cut wherever it is full, and the next one goes on from there. Each row holds one id more than
 * {@link RowFormat#tokens}, which is the first of the next row.
 */
final class RowPacker {

  private final RowFormat format;
  private final int[] row;
  private int size;

  RowPacker(RowFormat format) {
    this.format = format;
    this.row = new int[format.tokens() + 1];
    row[size++] = format.endOfDocument();
  }

  /**
   * Appends a document, and the end of it.
   *
   * @return the rows that are full now
   */
  List<TokenRow> add(int[] document) {
    List<TokenRow> full = new ArrayList<>();
    for (int id : document) {
      append(id, full);
    }
    append(format.endOfDocument(), full);
    return full;
  }

  /**
   * @return what is left: one row, or none
   */
  List<TokenRow> rest() {
    List<TokenRow> rest = size < 2 ? List.of() : List.of(new TokenRow(Arrays.copyOf(row, size)));
    size = 1;
    return rest;
  }

  private void append(int id, List<TokenRow> full) {
    row[size++] = id;
    if (size == row.length) {
      full.add(new TokenRow(row.clone()));
      row[0] = id;
      size = 1;
    }
  }
}
