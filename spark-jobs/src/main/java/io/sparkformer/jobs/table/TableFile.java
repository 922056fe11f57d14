package io.sparkformer.jobs.table;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * One file of a table.
 *
 * @param number of the file in the table's order, from 0
 * @param path fully qualified
 * @param partition names and values of the columns that the folders on the way name; a value may be {@code null}
 */
public record TableFile(int number, Path path, Map<String, String> partition) implements Serializable {

  public TableFile {
    partition = Collections.unmodifiableMap(new LinkedHashMap<>(partition));
  }
}
