package io.sparkformer.jobs.sentence;

import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.Table;
import io.sparkformer.jobs.text.OrderedParts;
import io.sparkformer.jobs.text.PartPlan;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import scala.Tuple2;

/** Makes results of columns of a table: the same rows in the same order, with further columns. */
final class TableSentences {

  private TableSentences() { }

  /** @param output the folder to write */
  static <T> void write(SentenceTask<T> task, Table table, PartPlan plan, Path output) throws IOException {
    JavaPairRDD<Long, List<AddedColumn.Value>> values = OrderedParts.of(table.sources(), plan).mapPartitionsToPair(part ->
        SentenceResults.stream(task, part).map(result -> new Tuple2<>(result.number(), task.values(result.value()))).iterator());
    table.write(values, output);
  }
}
