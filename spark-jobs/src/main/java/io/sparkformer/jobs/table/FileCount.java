package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * What one reading of a file found.
 *
 * @param problem what is wrong with it, or {@code null}
 */
record FileCount(long rows, ArrayList<String> columns, String problem) implements Serializable {

  static FileCount of(Configuration hadoop, TableFormat format, TableFile file, TableColumns columns) {
    try (SourceRows source = format.open(hadoop, file, columns)) {
      long rows = 0;
      while (source.next()) {
        rows++;
      }
      return new FileCount(rows, new ArrayList<>(source.columns()), null);
    } catch (InvalidInputException e) {
      return new FileCount(0, new ArrayList<>(List.of()), e.getMessage());
    } catch (IOException e) {
      return new FileCount(0, new ArrayList<>(List.of()), file.path() + " cannot be read (" + e.getMessage() + "); is the file complete?");
    }
  }
}
