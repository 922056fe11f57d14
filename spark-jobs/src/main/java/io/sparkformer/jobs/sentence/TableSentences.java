package io.sparkformer.jobs.sentence;

import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.Table;
import io.sparkformer.jobs.text.OrderedParts;
import io.sparkformer.jobs.text.PartPlan;
import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import scala.Tuple2;

/** Makes results of a column of a table: the same rows in the same order, with one more column. */
final class TableSentences {

  private TableSentences() { }

  /** @param output the folder to write */
  static <T> void write(SentenceTask<T> task, Table table, PartPlan plan, Path output) throws IOException {
    JavaPairRDD<Long, AddedColumn.Value> values = OrderedParts.of(table.texts(), plan).mapPartitionsToPair(part ->
        SentenceResults.stream(task, part).map(result -> new Tuple2<>(result.number(), task.value(result.value()))).iterator());
    table.write(values, output);
  }
}
