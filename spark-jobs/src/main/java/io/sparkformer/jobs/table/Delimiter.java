package io.sparkformer.jobs.table;

/** How the fields of a text table are told apart. */
enum Delimiter {

  /** CSV: commas, and quotes around fields that hold commas, quotes or line breaks. */
  COMMA(',', "csv"),

  /** TSV: tabs, and nothing else; a field holds neither tabs nor line breaks, and quotes are text. */
  TAB('\t', "tsv");

  private final char separator;
  private final String extension;

  Delimiter(char separator, String extension) {
    this.separator = separator;
    this.extension = extension;
  }

  char separator() {
    return separator;
  }

  /** How names of files end, without the point. */
  String extension() {
    return extension;
  }

  boolean quotes() {
    return this == COMMA;
  }
}
