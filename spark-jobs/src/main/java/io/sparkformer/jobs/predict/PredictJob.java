package io.sparkformer.jobs.predict;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.cli.JobRun;
import io.sparkformer.jobs.config.PredictSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.device.GpuResources;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.sentence.SentenceJob;
import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.SourceColumn;
import io.sparkformer.jobs.table.TableColumns;
import io.sparkformer.jobs.table.TableFormat;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * Labels every line of a text file, or every row of a table, with a classifier of texts.
 *
 * <p>{@code main} is the program that predict.sh starts; the object is the job without a command line.
 */
public final class PredictJob {

  private final SparkSession session;
  private final PredictSettings settings;
  private final TableFormat format;
  private final PredictionTask task;

  /**
   * Finds the model.
   *
   * @throws InvalidInputException the model labels no texts
   * @throws IllegalArgumentException there is no model, or it is not supported
   */
  public PredictJob(SparkSession session, PredictSettings settings) throws IOException {
    GpuResources.require(session.sparkContext(), settings.model().compute());
    ModelLocation model = ModelLocation.find(session.sparkContext().hadoopConfiguration(), settings.model());
    NetworkConfig network = model.config().network();
    if (network.heads().size() != 1 || !(network.heads().get(0) instanceof HeadConfig.SequenceClass head)) {
      throw new InvalidInputException(settings.model().path() + " has no head that labels texts; name what finetune wrote, or a model "
          + "folder of a class such as BertForSequenceClassification");
    }
    this.session = session;
    this.settings = settings;
    this.format = settings.texts().isText() ? null : TableFormat.named(settings.texts().format(), settings.header());
    int longest = settings.maxLength() == 0 ? network.maxLength() : Math.min(settings.maxLength(), network.maxLength());
    this.task = new PredictionTask(model,
        head.problem() == HeadConfig.SequenceClass.Problem.REGRESSION ? List.of() : model.config().labelNames(), longest,
        settings.batchTokens(), format == null || format.holds(AddedColumn.Kind.FLOATS) ? AddedColumn.Kind.FLOATS : AddedColumn.Kind.TEXT,
        PredictionCounters.on(session.sparkContext()));
  }

  /** The program. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** The program, but for the end of the process: gives the exit status. */
  static int run(String[] args) {
    return JobProgram.named("predict",
            "Labels every line of a text file, or every row of a table, with a model that finetune trained.")
        .group("Model")
        .flag("--model", "predict.model", "FOLDER", "what finetune wrote, a checkpoint, or a model folder as Hugging Face lays it out")
        .flag("--average", "predict.average", "N", "average the weights of the N newest checkpoints")
        .group("Input and output")
        .flag("--input", "predict.input", "FILE", "what to label: text, a line each, or a table; - is standard input")
        .flag("--output", "predict.output", "FILE", "the file (JSON lines, of text) or folder (table) to write; - is standard output")
        .switchFlag("--overwrite", "predict.overwrite", "replace an output that is there")
        .flag("--format", "predict.format", "FORMAT", "text, csv, tsv, json, parquet, orc; auto: as the input's name ends")
        .flag("--column", "predict.column", "NAME", "the column of text")
        .flag("--second-column", "predict.second-column", "NAME", "the column of the second text, of pairs")
        .flag("--output-column", "predict.output-column", "NAME", "the column that gets the labels")
        .flag("--probabilities-column", "predict.probabilities-column", "NAME", "the column that gets the probabilities of all classes")
        .group("Texts")
        .flag("--max-length", "predict.max-length", "N", "most tokens of a text; 0: as many as the network accepts")
        .example("predict.sh --model out/sentiment --input dev.csv --output dev-labelled")
        .example("predict.sh --model out/sentiment < lines.txt")
        .run(args, Settings::predict, PredictJob::run);
  }

  private static void run(JobRun run, PredictSettings settings) throws IOException {
    new PredictJob(run.spark(), settings).predict(run.out());
  }

  /**
   * Labels.
   *
   * @param standardOutput where text goes whose output is {@code -}
   * @return a line that sums up what was done
   * @throws InvalidInputException the input is missing, not UTF-8 or lacks a column, or the output exists
   */
  public String predict(PrintWriter standardOutput) throws IOException {
    List<SourceColumn> sources = new ArrayList<>(List.of(SourceColumn.text(settings.texts().column())));
    settings.secondColumn().ifPresent(name -> sources.add(SourceColumn.text(name)));
    List<AddedColumn> added = new ArrayList<>();
    if (task.names().isEmpty()) {
      added.add(new AddedColumn(settings.texts().outputColumn(), AddedColumn.Kind.NUMBER));
    } else {
      added.add(new AddedColumn(settings.texts().outputColumn(), AddedColumn.Kind.TEXT));
      added.add(new AddedColumn(settings.probabilitiesColumn(), task.probabilities()));
    }
    return new SentenceJob<>(session, settings.texts(), task, new TableColumns(sources, added), format, "labelled", task.counters().texts())
        .run(task.model().files(), standardOutput, seconds -> task.counters().summary(seconds, task.longest()));
  }
}
