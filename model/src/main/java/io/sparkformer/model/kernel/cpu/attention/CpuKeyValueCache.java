package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.Pages;
import io.sparkformer.model.kernel.cpu.memory.Team;
import java.util.Arrays;

/**
 * Keys and values row by row, in pages of {@link CachePage#POSITIONS} positions outside the heap. Selecting rows moves references: rows
 * that continue the same one share its pages, and one that appends to a shared page that is not full gets a copy of that page alone. Pages
 * that a sliding window has passed are given back.
 */
final class CpuKeyValueCache implements KeyValueCache {
  private final CachePage layout;
  private final int window;
  private final Pages pages;
  private Row[] rows;

  /** A cache of empty rows. */
  CpuKeyValueCache(int rows, AttentionConfig config, CachePage layout, Pages pages) {
    this.layout = layout;
    this.window = config.window();
    this.pages = pages;
    this.rows = new Row[rows];
    Arrays.setAll(this.rows, i -> new Row());
  }

  /**
   * Appends the tokens of sentence {@code i} to row {@code i} of the cache.
   *
   * @param keys {@code [tokens, key_value_heads * head_width]}
   * @param values like {@code keys}
   */
  void append(Team team, Matrix keys, Matrix values, Segments segments) {
    check(segments);
    Pages.Page[] copied = new Pages.Page[rows.length];
    for (int i = 0; i < rows.length; i++) {
      if (segments.length(i) > 0) {
        if (rows[i].references > 1) {
          rows[i].references--;
          rows[i] = rows[i].copy();
        }
        copied[i] = reserve(rows[i], segments.length(i));
      }
    }
    team.run(rows.length, i -> {
      Row row = rows[i];
      if (copied[i] != null) {
        pages.copy(copied[i], row.page(row.end));
      }
      for (int token = segments.start(i); token < segments.start(i + 1); token++) {
        layout.write(row.page(row.end), (row.end - row.first) % CachePage.POSITIONS, keys, values, token);
        row.end++;
      }
    });
  }

  /**
   * Makes room for more positions: gives pages back that no later query sees, and takes new ones.
   *
   * @return the page whose content the last one, which others share, is still to get; null for none
   */
  private Pages.Page reserve(Row row, int more) {
    while (window > 0 && row.count > 0 && row.first + CachePage.POSITIONS <= row.end - window + 1) {
      pages.release(row.pages[0]);
      row.first += CachePage.POSITIONS;
      row.count--;
      System.arraycopy(row.pages, 1, row.pages, 0, row.count);
    }
    Pages.Page copied = null;
    if ((row.end - row.first) % CachePage.POSITIONS != 0 && row.pages[row.count - 1].isShared()) {
      copied = row.pages[row.count - 1];
      row.pages[row.count - 1] = pages.take();
      pages.release(copied);
    }
    while (row.end - row.first + more > row.count * CachePage.POSITIONS) {
      if (row.count == row.pages.length) {
        row.pages = Arrays.copyOf(row.pages, 2 * row.count);
      }
      row.pages[row.count] = pages.take();
      row.count++;
    }
    return copied;
  }

  private void check(Segments segments) {
    if (segments.sentences() != rows.length) {
      throw new IllegalArgumentException("A cache of %d rows needs the next tokens of as many, found %d"
          .formatted(rows.length, segments.sentences()));
    }
  }

  /** The positions that the next tokens of the rows will have. */
  int[] positions(Segments segments) {
    check(segments);
    int[] positions = new int[segments.tokens()];
    for (int i = 0; i < rows.length; i++) {
      for (int t = segments.start(i); t < segments.start(i + 1); t++) {
        positions[t] = rows[i].end + t - segments.start(i);
      }
    }
    return positions;
  }

  /** Positions of the row that has seen most. */
  int longest() {
    int longest = 0;
    for (Row row : rows) {
      longest = Math.max(longest, row.end);
    }
    return longest;
  }

  /** Rows that continue the same one, and have appended nothing since, are one object. */
  Row row(int i) {
    return rows[i];
  }

  @Override
  public void select(int[] parents) {
    Row[] before = rows;
    rows = new Row[parents.length];
    for (Row row : before) {
      row.references = 0;
    }
    for (int i = 0; i < parents.length; i++) {
      rows[i] = before[parents[i]];
      rows[i].references++;
    }
    for (Row row : before) {
      if (row.references == 0) {
        row.release();
      }
    }
  }

  @Override
  public void close() {
    select(new int[0]);
  }

  /** What one sequence has seen: the keys and values of its positions from {@link #first()} on. */
  final class Row {
    private Pages.Page[] pages = new Pages.Page[2];
    private int count;
    /** Position of the first key that is still there, a multiple of a page's positions, and the one behind the last. */
    private int first;
    private int end;
    /** Rows of the cache that are this one. */
    private int references = 1;

    int first() {
      return first;
    }

    int end() {
      return end;
    }

    /** The page of a position. */
    Pages.Page page(int position) {
      return pages[(position - first) / CachePage.POSITIONS];
    }

    /** A row of its own that shares all pages. */
    private Row copy() {
      Row copy = new Row();
      copy.pages = pages.clone();
      copy.count = count;
      copy.first = first;
      copy.end = end;
      for (int i = 0; i < count; i++) {
        pages[i].share();
      }
      return copy;
    }

    private void release() {
      for (int i = 0; i < count; i++) {
        CpuKeyValueCache.this.pages.release(pages[i]);
      }
      count = 0;
    }
  }
}
