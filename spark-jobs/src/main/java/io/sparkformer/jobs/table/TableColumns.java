package io.sparkformer.jobs.table;

import java.io.Serializable;
import java.util.List;

/**
 * What a job reads of a table, and what it adds to it.
 *
 * @param sources columns that are read, of different names; at least one
 * @param added columns that are computed from them; may be empty for a table that is only read
 */
public record TableColumns(List<SourceColumn> sources, List<AddedColumn> added) implements Serializable {

  public TableColumns {
    sources = List.copyOf(sources);
    added = List.copyOf(added);
  }

  /** A column that is computed from one column of text. */
  public static TableColumns of(String source, AddedColumn added) {
    return new TableColumns(List.of(SourceColumn.text(source)), List.of(added));
  }

  /** Gives the values for every row, in order. */
  @FunctionalInterface
  public interface Values {
    /**
     * @param sources of the row, in the order of {@link #sources}; an element may be {@code null}
     * @return one for each added column, each of which may be {@code null}; {@code null} for none at all
     */
    List<AddedColumn.Value> next(String[] sources);
  }
}
