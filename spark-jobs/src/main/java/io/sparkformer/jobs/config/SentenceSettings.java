package io.sparkformer.jobs.config;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * Where a job reads sentences and writes what it makes of them: in the groups {@code translate}, {@code embed} and {@code generate}.
 *
 * @param group for messages
 * @param input a text file ({@code -} is standard input), or a table: a file or a folder
 * @param output what to write; {@code -} is standard output
 * @param format {@code text}, or a table's
 * @param column of a table, with the sentences
 * @param outputColumn of a table, that is added
 */
public record SentenceSettings(String group, Path input, OutputSettings output, String format, String column, String outputColumn)
    implements Serializable {

  public SentenceSettings {
    Limits.oneOf(group + ".format", format, List.of("text", "parquet", "csv", "tsv", "json", "orc"));
    boolean isText = format.equals("text");
    Limits.require(isText || !isStandard(input), group + ".input", input, "must be a file or folder for format " + format
        + ": standard input is read as text");
    Limits.require(isText || !isStandard(output.path()), group + ".output", output.path(), "must be a folder for format " + format);
    Limits.require(!column.equals(outputColumn), group + ".output-column", outputColumn, "must differ from " + group + ".column");
  }

  /** Whether the input is a text file, a sentence a line. */
  public boolean isText() {
    return format.equals("text");
  }

  /** Whether text comes from standard input, and results go to standard output: perhaps a person's at a terminal. */
  public boolean isTalk() {
    return isStandard(input) && isPrinted();
  }

  /** Whether results go to standard output. */
  public boolean isPrinted() {
    return isStandard(output.path());
  }

  private static boolean isStandard(Path path) {
    return path.toString().equals("-");
  }

  static SentenceSettings from(SettingValues values, String group) {
    return new SentenceSettings(
        group,
        values.neededPath(group + ".input"),
        values.output(group + ".output", group + ".overwrite"),
        values.needed(group + ".format"),
        values.needed(group + ".column"),
        values.needed(group + ".output-column"));
  }
}
