package io.sparkformer.jobs.translate;

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

  void translate(JavaPairRDD<Long, String> lines, PartPlan plan, PartFolder output) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    try {
      Broadcast<SerializableConfiguration> configuration = spark.broadcast(new SerializableConfiguration(hadoop));
      TranslationTask work = task;
      List<String> parts = OrderedParts.of(lines, plan)
          .mapPartitions(part -> List.of(translatePart(work, part, output, configuration.value().value())).iterator())
          .collect();
      output.concatenate(hadoop, parts);
    } finally {
      output.remove(hadoop);
    }
  }

  /** Runs in a task; returns the name of the file it wrote. */
  private static String translatePart(TranslationTask task, Iterator<Tuple2<Long, String>> part, PartFolder output,
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
    output.writePart(hadoop, name, lines.iterator());
    return name;
  }
}
