package io.sparkformer.jobs.translate;

import io.sparkformer.jobs.table.AddedColumn.ScoredText;
import io.sparkformer.jobs.table.Table;
import io.sparkformer.jobs.text.OrderedParts;
import io.sparkformer.jobs.text.PartPlan;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import scala.Tuple2;

/** Translates a column of a table: the same rows in the same order, with one more column. */
final class TableTranslation {

  private final TranslationTask task;

  TableTranslation(TranslationTask task) {
    this.task = task;
  }

  /** @param output the folder to write */
  void translate(Table table, PartPlan plan, Path output) throws IOException {
    TranslationTask work = task;
    JavaPairRDD<Long, List<ScoredText>> values =
        OrderedParts.of(table.texts(), plan).mapPartitionsToPair(part -> values(work, part));
    table.write(values, output);
  }

  /** Runs in a task. */
  private static Iterator<Tuple2<Long, List<ScoredText>>> values(TranslationTask task, Iterator<Tuple2<Long, String>> part) {
    Iterable<Tuple2<Long, Translation>> translations = () -> new NumberedTranslations(task, part);
    return StreamSupport.stream(translations.spliterator(), false).map(each -> new Tuple2<>(each._1, texts(each._2))).iterator();
  }

  private static List<ScoredText> texts(Translation translation) {
    return translation.candidates().stream().map(candidate -> new ScoredText(candidate.text(), candidate.score())).toList();
  }
}
