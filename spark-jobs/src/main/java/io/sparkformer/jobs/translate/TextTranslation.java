package io.sparkformer.jobs.translate;

import io.sparkformer.jobs.output.StagedOutput;
import io.sparkformer.jobs.text.OrderedParts;
import io.sparkformer.jobs.text.PartFolder;
import io.sparkformer.jobs.text.PartPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
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

  /** Runs in a task; returns the name of the file it wrote. */
  private static String translatePart(TranslationTask task, Iterator<Tuple2<Long, String>> part, PartFolder folder,
      Configuration hadoop) throws IOException {
    List<Long> numbers = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    part.forEachRemaining(numbered -> {
      numbers.add(numbered._1);
      sentences.add(numbered._2);
    });
    List<Translation> translations = task.translate(sentences);
    TranslationLines form = TranslationLines.forNBest(task.nBest());
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < translations.size(); i++) {
      lines.addAll(form.of(numbers.get(i), translations.get(i)));
    }
    TaskContext context = TaskContext.get();
    String name = "part-" + context.partitionId() + "-" + context.taskAttemptId();
    folder.writePart(hadoop, name, lines.iterator());
    return name;
  }
}
