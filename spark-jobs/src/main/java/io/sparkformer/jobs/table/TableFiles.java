package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.file.SpooledInput;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;

/** Finds the files of a table. */
public final class TableFiles {

  private static final String NO_VALUE = "__HIVE_DEFAULT_PARTITION__";

  private final FileSystem files;
  private final Path table;
  private final List<FileStatus> found = new ArrayList<>();

  private TableFiles(FileSystem files, Path table) {
    this.files = files;
    this.table = table;
  }

  /**
   * The files of a table in its order.
   *
   * @param hadoop of {@link io.sparkformer.data.file.PlainFiles}
   * @param input a file, or a folder of files, taken literally
   * @throws InvalidInputException there is no such file, no file in the folder, or folders that are no partitions
   */
  public static List<TableFile> of(Configuration hadoop, Path input) throws IOException {
    FileSystem files = input.getFileSystem(hadoop);
    FileStatus status;
    try {
      status = files.getFileStatus(input);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("input does not exist: " + input, e);
    }
    if (!status.isDirectory() && status.getLen() == 0 && SpooledInput.isNeeded(hadoop, input)) {
      throw new InvalidInputException("A table must be a file or a folder: " + input + " is empty, or a pipe; save it as a file first");
    }
    TableFiles table = new TableFiles(files, status.getPath());
    table.collect(status);
    if (table.found.isEmpty()) {
      throw new InvalidInputException("no file of a table in " + input);
    }
    return table.inOrder();
  }

  private void collect(FileStatus status) throws IOException {
    if (!status.isDirectory()) {
      found.add(status);
      return;
    }
    for (FileStatus each : files.listStatus(status.getPath())) {
      String name = each.getPath().getName();
      if (isHidden(name)) {
        continue;
      }
      if (each.isDirectory() && name.indexOf('=') < 1) {
        throw new InvalidInputException(table + " holds the folder " + name + ", which is no partition (column=value); name the folder "
            + "that holds the files");
      }
      collect(each);
    }
  }

  /** As Spark has it. */
  private static boolean isHidden(String name) {
    return name.startsWith("_") && !name.contains("=") || name.startsWith(".") || name.endsWith("._COPYING_");
  }

  private List<TableFile> inOrder() {
    found.sort((a, b) -> NaturalOrder.compare(a.getPath().toString(), b.getPath().toString()));
    List<TableFile> ordered = new ArrayList<>(found.size());
    for (FileStatus each : found) {
      TableFile file = new TableFile(ordered.size(), each.getPath(), partition(each.getPath()));
      if (!ordered.isEmpty() && !ordered.get(0).partition().keySet().equals(file.partition().keySet())) {
        throw new InvalidInputException("The folders of " + table + " name different columns: " + ordered.get(0).path() + " and "
            + file.path());
      }
      ordered.add(file);
    }
    return ordered;
  }

  private Map<String, String> partition(Path file) {
    Map<String, String> values = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (Path folder = file.getParent(); !file.equals(table) && !folder.equals(table); folder = folder.getParent()) {
      names.add(0, folder.getName());
    }
    for (String name : names) {
      int equals = name.indexOf('=');
      String value = ExternalCatalogUtils.unescapePathName(name.substring(equals + 1));
      values.put(ExternalCatalogUtils.unescapePathName(name.substring(0, equals)), value.equals(NO_VALUE) ? null : value);
    }
    return values;
  }
}
