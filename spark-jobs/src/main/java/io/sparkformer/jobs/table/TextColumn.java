package io.sparkformer.jobs.table;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;

/** The values of a file's text column, row by row. */
public interface TextColumn extends Closeable {

  /** Goes on to the next row, first to the first; false after the last. */
  boolean next() throws IOException;

  /** The value in this row; {@code null} if there is none. */
  String value();

  /** The names of the columns known so far; of a format without a schema, those of the rows read. */
  Collection<String> columns();
}
