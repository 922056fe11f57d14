package io.sparkformer.jobs.table;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import scala.Tuple2;

/**
 * Writes one file of a table with its new values, in a task: under a name of this attempt's own first, then under its own.
 *
 * @param output the folder to write into
 * @param run a UUID; part of the names, as Spark names its part files
 */
record TableCopy(TableFormat format, TableColumns columns, String output, String run) implements Serializable {

  /** Attempts that did not finish carry this prefix; Spark passes over such files. */
  static final String ATTEMPT = "_attempt-";

  /** Gives nothing, as the function of a transformation must. */
  Iterator<Long> write(Configuration hadoop, TableFile file, Iterator<Tuple2<Long, List<AddedColumn.Value>>> values) throws IOException {
    String name = String.format(Locale.ROOT, "part-%05d-%s%s", file.number(), run, format.extension(hadoop, file));
    Path attempt = new Path(output, ATTEMPT + TaskContext.get().taskAttemptId() + "-" + name);
    format.copy(hadoop, file, attempt, columns, sources -> {
      if (!values.hasNext()) {
        throw new IllegalStateException(file.path() + " changed while it was read: it has more rows now");
      }
      List<AddedColumn.Value> ofRow = values.next()._2;
      return Arrays.asList(sources).contains(null) ? null : ofRow;
    });
    if (values.hasNext()) {
      throw new IllegalStateException(file.path() + " changed while it was read: it has fewer rows now");
    }
    Path target = new Path(output, name);
    FileSystem files = target.getFileSystem(hadoop);
    files.delete(target, false);
    if (!files.rename(attempt, target)) {
      throw new IOException("Cannot rename " + attempt + " to " + target);
    }
    return Collections.emptyIterator();
  }
}
