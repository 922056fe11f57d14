package io.sparkformer.data.corpus;

/** How documents stand in text files. */
public enum DocumentFormat {

  /** A file is a document. */
  FILE,

  /** A line is a document. */
  LINE,

  /** Documents are divided by empty lines. */
  BLANK_LINE
}
