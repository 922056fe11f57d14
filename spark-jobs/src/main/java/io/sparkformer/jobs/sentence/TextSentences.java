package io.sparkformer.jobs.sentence;

import io.sparkformer.jobs.output.StagedOutput;
import io.sparkformer.jobs.text.OrderedParts;
import io.sparkformer.jobs.text.PartFolder;
import io.sparkformer.jobs.text.PartPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Makes one file of the results of numbered lines: every task writes a part, and the driver puts the parts together. */
final class TextSentences<T> {

  private final JavaSparkContext spark;
  private final SentenceTask<T> task;

  TextSentences(JavaSparkContext spark, SentenceTask<T> task) {
    this.spark = spark;
    this.task = task;
  }

  /**
   * @param output where to write
   * @param name what the file will be called
   */
  void write(JavaPairRDD<Long, String[]> lines, PartPlan plan, StagedOutput output, String name) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    Broadcast<SerializableConfiguration> configuration = spark.broadcast(new SerializableConfiguration(hadoop));
    SentenceTask<T> work = task;
    PartFolder folder = new PartFolder(output.scratch());
    List<String> parts = OrderedParts.of(lines, plan)
        .mapPartitions(part -> List.of(writePart(work, part, folder, configuration.value().value())).iterator())
        .collect();
    folder.concatenate(hadoop, parts, output.path(), name);
  }

  /** Makes text that is printed when all of it is there; until then the tasks keep it on their disks. */
  void print(JavaPairRDD<Long, String[]> lines, PartPlan plan, PrintWriter out) throws IOException {
    SentenceTask<T> work = task;
    JavaRDD<String> results = OrderedParts.of(lines, plan).mapPartitions(part -> lines(work, part))
        .persist(StorageLevel.DISK_ONLY());
    try {
      results.count();
      results.toLocalIterator().forEachRemaining(line -> out.append(line).append('\n'));
      if (out.checkError()) {
        throw new IOException("Cannot write to standard output: it was closed");
      }
    } finally {
      results.unpersist();
    }
  }

  /** Runs in a task; returns the name of the file it wrote. */
  private static <T> String writePart(SentenceTask<T> task, Iterator<Tuple2<Long, String[]>> part, PartFolder folder,
      Configuration hadoop) throws IOException {
    TaskContext context = TaskContext.get();
    String name = "part-" + context.partitionId() + "-" + context.taskAttemptId();
    folder.writePart(hadoop, name, lines(task, part));
    return name;
  }

  /** Runs in a task. */
  private static <T> Iterator<String> lines(SentenceTask<T> task, Iterator<Tuple2<Long, String[]>> part) {
    return SentenceResults.stream(task, part).flatMap(result -> task.lines(result).stream()).iterator();
  }
}
