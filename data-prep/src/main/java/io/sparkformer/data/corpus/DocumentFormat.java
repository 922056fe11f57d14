package io.sparkformer.data.corpus;

/** How documents stand in files. */
public enum DocumentFormat {

  /** A file is a document. */
  FILE,

  /** A line is a document. */
  LINE,

  /** Documents are divided by empty lines. */
  BLANK_LINE,

  /** A line is a JSON object; a field of it, which is text, is a document. */
  JSON,

  /** A row of a Parquet file; a column of it, which is text, is a document. */
  PARQUET
}
