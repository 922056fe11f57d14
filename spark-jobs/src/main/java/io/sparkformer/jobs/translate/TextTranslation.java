package io.sparkformer.jobs.translate;

import io.sparkformer.jobs.output.StagedOutput;
import io.sparkformer.jobs.text.OrderedParts;
import io.sparkformer.jobs.text.PartFolder;
import io.sparkformer.jobs.text.PartPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Translates numbered lines into one file: every task writes a part, and the driver puts the parts together. */
final class TextTranslation {

  private final JavaSparkContext spark;
  private final TranslationTask task;

  TextTranslation(JavaSparkContext spark, TranslationTask task) {
    this.spark = spark;
    this.task = task;
  }

  /**
   * @param output where to write
   * @param name what the file will be called
   */
  void translate(JavaPairRDD<Long, String> lines, PartPlan plan, StagedOutput output, String name) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    Broadcast<SerializableConfiguration> configuration = spark.broadcast(new SerializableConfiguration(hadoop));
    TranslationTask work = task;
    PartFolder folder = new PartFolder(output.scratch());
    List<String> parts = OrderedParts.of(lines, plan)
        .mapPartitions(part -> List.of(translatePart(work, part, folder, configuration.value().value())).iterator())
        .collect();
    folder.concatenate(hadoop, parts, output.path(), name);
  }

  /** Translates to text that is printed when all of it is there; until then the tasks keep it on their disks. */
  void print(JavaPairRDD<Long, String> lines, PartPlan plan, PrintWriter out) throws IOException {
    TranslationTask work = task;
    JavaRDD<String> translated = OrderedParts.of(lines, plan).mapPartitions(part -> translatedLines(work, part))
        .persist(StorageLevel.DISK_ONLY());
    try {
      translated.count();
      translated.toLocalIterator().forEachRemaining(line -> out.append(line).append('\n'));
      if (out.checkError()) {
        throw new IOException("Cannot write to standard output: it was closed");
      }
    } finally {
      translated.unpersist();
    }
  }

  /** Runs in a task; returns the name of the file it wrote. */
  private static String translatePart(TranslationTask task, Iterator<Tuple2<Long, String>> part, PartFolder folder,
      Configuration hadoop) throws IOException {
    TaskContext context = TaskContext.get();
    String name = "part-" + context.partitionId() + "-" + context.taskAttemptId();
    folder.writePart(hadoop, name, translatedLines(task, part));
    return name;
  }

  /** Runs in a task. */
  private static Iterator<String> translatedLines(TranslationTask task, Iterator<Tuple2<Long, String>> part) {
    TranslationLines form = TranslationLines.forNBest(task.nBest());
    Iterable<Tuple2<Long, Translation>> translations = () -> new NumberedTranslations(task, part);
    return StreamSupport.stream(translations.spliterator(), false).flatMap(each -> form.of(each._1, each._2).stream()).iterator();
  }
}
