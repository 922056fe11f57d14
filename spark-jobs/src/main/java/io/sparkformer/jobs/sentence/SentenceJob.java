package io.sparkformer.jobs.sentence;

import io.sparkformer.data.corpus.LineCounts;
import io.sparkformer.data.corpus.TextFile;
import io.sparkformer.jobs.config.SentenceSettings;
import io.sparkformer.jobs.output.Existing;
import io.sparkformer.jobs.output.OutputKind;
import io.sparkformer.jobs.output.OutputTarget;
import io.sparkformer.jobs.output.StagedOutput;
import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.Table;
import io.sparkformer.jobs.table.TableColumns;
import io.sparkformer.jobs.table.TableFormat;
import io.sparkformer.jobs.text.PartPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** Reads sentences, a line each of a text or a row each of a table's column, and writes what a task makes of each, in the same order. */
public final class SentenceJob<T> {

  private static final Logger LOG = LoggerFactory.getLogger(SentenceJob.class);

  private final JavaSparkContext spark;
  private final SentenceSettings settings;
  private final SentenceTask<T> task;
  private final TableColumns columns;
  private final TableFormat format;
  private final String verb;
  private final LongAccumulator done;

  /**
   * @param kind what a table's new column holds
   * @param verb what is done to sentences, for the progress: {@code translated}
   * @param done counts the sentences that the task has done
   */
  public SentenceJob(SparkSession session, SentenceSettings settings, SentenceTask<T> task, AddedColumn.Kind kind, String verb,
      LongAccumulator done) {
    this(session, settings, task, TableColumns.of(settings.column(), new AddedColumn(settings.outputColumn(), kind)),
        TableFormat.BY_NAME.get(settings.format()), verb, done);
  }

  /**
   * As above, with any columns.
   *
   * @param columns what is read of a table, and added to it
   * @param format of a table; null for text
   */
  public SentenceJob(SparkSession session, SentenceSettings settings, SentenceTask<T> task, TableColumns columns, TableFormat format,
      String verb, LongAccumulator done) {
    this.spark = new JavaSparkContext(session.sparkContext());
    this.settings = settings;
    this.task = task;
    this.columns = columns;
    this.format = format;
    this.verb = verb;
    this.done = done;
  }

  /**
   * Runs the job, and logs what was done and what was written.
   *
   * @param modelFiles what the job reads besides what its settings name: it must not be replaced
   * @param standardOutput where text goes whose output is {@code -}
   * @param summary a line that sums up what was done, of the seconds that the sentences took
   * @return that line
   * @throws io.sparkformer.data.InvalidInputException the input is missing, not UTF-8 or has no such column, or the output exists
   */
  public String run(List<Path> modelFiles, PrintWriter standardOutput, DoubleFunction<String> summary) throws IOException {
    String line = summary.apply(seconds(modelFiles, standardOutput));
    LOG.info(line);
    if (!settings.isPrinted()) {
      LOG.info("wrote {}", settings.output().path());
    }
    return line;
  }

  private double seconds(List<Path> modelFiles, PrintWriter standardOutput) throws IOException {
    TextSentences<T> text = new TextSentences<>(spark, task);
    if (settings.isPrinted()) {
      return runText((lines, plan) -> text.print(lines, plan, standardOutput));
    }
    List<Path> inputs = new ArrayList<>(modelFiles);
    inputs.addAll(settings.output().inputs());
    Path path = settings.output().path();
    OutputTarget target = new OutputTarget(path, settings.isText() ? OutputKind.TEXT : OutputKind.TABLE,
        Existing.of(settings.output().overwrite()), inputs);
    try (StagedOutput output = new StagedOutput(spark.hadoopConfiguration(), target)) {
      double seconds = settings.isText() ? runText((lines, plan) -> text.write(lines, plan, output, path.getName()))
          : runTable(output.path());
      output.commit();
      return seconds;
    }
  }

  /** Brings the results of numbered lines to where they belong. */
  private interface LineWork {
    void run(JavaPairRDD<Long, String[]> lines, PartPlan plan) throws IOException;
  }

  private double runText(LineWork work) throws IOException {
    TextFile input = TextFile.open(spark, settings.input());
    describe("counting the lines of " + input);
    LineCounts counts = input.count();
    describe(String.format(Locale.ROOT, "%,d lines of %s", counts.total(), input));
    JavaPairRDD<Long, String[]> lines = input.numberedLines(counts).mapToPair(line -> new Tuple2<>(line._1, new String[] {line._2}));
    PartPlan plan = PartPlan.of(counts.total(), slots());
    try (SentenceProgress progress = new SentenceProgress(verb, done, plan.total())) {
      work.run(lines, plan);
      return progress.seconds();
    }
  }

  private double runTable(Path output) throws IOException {
    Table table = Table.open(spark, settings.input(), format, columns);
    PartPlan plan = PartPlan.of(table.rows(), slots());
    describe(String.format(Locale.ROOT, "%,d rows of %s", table.rows(), settings.input()));
    try (SentenceProgress progress = new SentenceProgress(verb, done, plan.total())) {
      TableSentences.write(task, table, plan, output);
      return progress.seconds();
    }
  }

  /** Spark's UI names the jobs that follow so. */
  private void describe(String what) {
    spark.sc().setJobDescription(settings.group() + ": " + what);
  }

  /** Tasks that run at the same time. */
  private int slots() {
    return Math.max(1, spark.defaultParallelism() / spark.getConf().getInt("spark.task.cpus", 1));
  }
}
