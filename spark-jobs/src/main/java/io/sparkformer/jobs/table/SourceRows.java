package io.sparkformer.jobs.table;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;

/** The values of a file's source columns, row by row. */
public interface SourceRows extends Closeable {

  /** Goes on to the next row, first to the first; false after the last. */
  boolean next() throws IOException;

  /** The values in this row, in the order of {@link TableColumns#sources}; {@code null} where there is none. */
  String[] values();

  /** The names of the columns known so far; of a format without a schema, those of the rows read. */
  Collection<String> columns();
}
