package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.notNegative;
import static io.sparkformer.jobs.config.Limits.oneOf;
import static io.sparkformer.jobs.config.Limits.positive;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * The {@code translate} group; base.conf says what each value means.
 *
 * @param output what to write; {@code -} is standard output
 * @param format {@code text}, or a Spark table format
 */
public record TranslateSettings(
    ModelChoice model,
    Path input,
    OutputSettings output,
    String format,
    String column,
    String outputColumn,
    int beam,
    double lengthPenalty,
    int nBest,
    double maxLengthFactor,
    int maxLengthExtra,
    int batchTokens) implements Serializable {

  public TranslateSettings {
    oneOf("translate.format", format, List.of("text", "parquet", "csv", "json", "orc"));
    boolean isText = format.equals("text");
    Limits.require(isText || !isStandard(input), "translate.input", input, "must be a file or folder for format " + format
        + ": standard input is read as text");
    Limits.require(isText || !isPrinted(output), "translate.output", output.path(), "must be a folder for format " + format);
    Limits.require(!column.equals(outputColumn), "translate.output-column", outputColumn, "must differ from translate.column");
    positive("translate.beam", beam);
    notNegative("translate.length-penalty", lengthPenalty);
    positive("translate.n-best", nBest);
    Limits.require(nBest <= beam, "translate.n-best", nBest, "must be at most translate.beam, " + beam);
    notNegative("translate.max-length-factor", maxLengthFactor);
    notNegative("translate.max-length-extra", maxLengthExtra);
    Limits.require(maxLengthFactor > 0 || maxLengthExtra > 0, "translate.max-length-extra", maxLengthExtra,
        "must be > 0 when translate.max-length-factor is 0");
    positive("translate.batch-tokens", batchTokens);
  }

  /** Whether translations go to standard output. */
  public boolean isPrinted() {
    return isPrinted(output);
  }

  private static boolean isPrinted(OutputSettings output) {
    return isStandard(output.path());
  }

  private static boolean isStandard(Path path) {
    return path.toString().equals("-");
  }

  static TranslateSettings from(SettingValues values) {
    return new TranslateSettings(
        ModelChoice.from(values, "translate"),
        values.neededPath("translate.input"),
        values.output("translate.output", "translate.overwrite"),
        values.needed("translate.format"),
        values.needed("translate.column"),
        values.needed("translate.output-column"),
        values.integer("translate.beam"),
        values.decimal("translate.length-penalty"),
        values.integer("translate.n-best"),
        values.decimal("translate.max-length-factor"),
        values.integer("translate.max-length-extra"),
        values.integer("translate.batch-tokens"));
  }
}
