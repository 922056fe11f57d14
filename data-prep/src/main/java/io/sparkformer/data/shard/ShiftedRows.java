package io.sparkformer.data.shard;

import java.io.IOException;

/**
 * The text of a shard in rows that begin {@code offset} tokens later than the stored ones; the text is a circle, in which the shard's first
 * token follows its last one (both are ends of documents, and are one token). There are as many rows as are stored, and they are as long.
 */
final class ShiftedRows implements ExampleSource {

  private final ExampleSource stored;
  private final int rowTokens;
  private final int offset;
  private final long rows;
  private final int lastRowTokens;
  private final int[] first;
  /** Rows that were made or skipped. */
  private long made;
  /** Stored rows that were read or skipped. */
  private long read = 1;
  /** What is read from: {@code current[at]} is the next token. */
  private int[] current;
  private int at;

  /**
   * @param stored at its beginning; closed with this one
   * @param shard what is stored
   * @param rowTokens tokens of a row
   * @param offset number of the token at which the first row begins, below {@code rowTokens}
   * @throws IllegalStateException if there is no row
   */
  ShiftedRows(ExampleSource stored, Shard shard, int rowTokens, int offset) throws IOException {
    this.stored = stored;
    this.rowTokens = rowTokens;
    this.rows = shard.examples();
    this.lastRowTokens = Math.toIntExact(shard.tokens().get(0) - rows - (rows - 1) * rowTokens);
    this.offset = rows == 1 ? offset % lastRowTokens : offset;
    this.first = row();
    this.current = first;
    this.at = this.offset;
  }

  @Override
  public void skip(long examples) throws IOException {
    long target = Math.min(rows, made + examples);
    if (target < rows && target > made) {
      // The row begins in the stored row of the same number, or, if that is the last and is short, behind its end.
      stored.skip(target - read);
      current = row();
      read = target + 1;
      at = offset;
      if (at >= current.length - 1) {
        at -= current.length - 1;
        current = first;
      }
    }
    made = target;
  }

  @Override
  public Example next() throws IOException {
    if (made == rows) {
      return null;
    }
    made++;
    int[] ids = new int[(made == rows ? lastRowTokens : rowTokens) + 1];
    for (int filled = 0; filled < ids.length - 1;) {
      if (at == current.length - 1) {
        current = read == rows ? first : row();
        read += read == rows ? 0 : 1;
        at = 0;
      }
      int count = Math.min(ids.length - 1 - filled, current.length - 1 - at);
      System.arraycopy(current, at, ids, filled, count);
      filled += count;
      at += count;
    }
    // The last id of a stored row is the first of the next one.
    ids[ids.length - 1] = current[at];
    return new TokenRow(ids);
  }

  @Override
  public void close() throws IOException {
    stored.close();
  }

  private int[] row() throws IOException {
    Example row = stored.next();
    if (row == null) {
      throw new IllegalStateException(rows + " rows expected, fewer found");
    }
    return ((TokenRow) row).tokens();
  }
}
