package io.sparkformer.jobs.config;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * A table to read.
 *
 * @param path a file or folder
 * @param format csv, tsv, json, parquet or orc
 * @param header names of the columns of CSV or TSV files that do not begin with a line of them; empty for those that do
 */
public record TableSettings(Path path, String format, List<String> header) implements Serializable {
  static final List<String> FORMATS = List.of("csv", "tsv", "json", "parquet", "orc");
  private static final String AUTO = "auto";

  public TableSettings {
    header = List.copyOf(header);
  }

  /**
   * The table that a key names; {@code format} and {@code header} of the group describe it.
   *
   * @param key of the path, {@code finetune.train}
   */
  static TableSettings of(SettingValues values, String group, String key, Path path) {
    String set = values.needed(group + ".format");
    String format = set;
    if (set.equals(AUTO)) {
      format = ofName(path.getName()).orElseThrow(() -> InvalidSettingException.problem(key, key + " is " + path
          + ", whose name does not end like that of a table (" + String.join(", ", FORMATS) + ")", "set " + group + ".format"));
    }
    Limits.require(FORMATS.contains(format), group + ".format", format, "must be auto, " + String.join(", ", FORMATS));
    List<String> header = values.names(group + ".header");
    Limits.require(header.isEmpty() || format.equals("csv") || format.equals("tsv"), group + ".header", header,
        "must be empty for format " + format + ", which names its columns");
    return new TableSettings(path, format, header);
  }

  /** The format that a file's name ends with, compressed or not; empty for another name. */
  static Optional<String> ofName(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|bz2|zst)$", "");
    String ending = plain.substring(plain.lastIndexOf('.') + 1);
    return ending.equals("jsonl") ? Optional.of("json") : FORMATS.stream().filter(ending::equals).findFirst();
  }
}
