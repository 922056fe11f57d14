package io.sparkformer.jobs.embed;

import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.cli.JobRun;
import io.sparkformer.jobs.config.EmbedSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.device.GpuResources;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.sentence.SentenceJob;
import io.sparkformer.jobs.table.AddedColumn;
import java.io.IOException;
import java.io.PrintWriter;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a vector of every line of a text file, or of every row of a table's column.
 *
 * <p>{@code main} is the program that embed.sh starts; the object is the job without a command line.
 */
public final class EmbedJob {

  private static final Logger LOG = LoggerFactory.getLogger(EmbedJob.class);

  private final SparkSession session;
  private final EmbedSettings settings;
  private final EmbeddingTask task;

  /**
   * Finds the model.
   *
   * @throws io.sparkformer.data.InvalidInputException the files beside the model want what is not supported
   * @throws IllegalArgumentException there is no model, or it is not supported
   */
  public EmbedJob(SparkSession session, EmbedSettings settings) throws IOException {
    Configuration hadoop = session.sparkContext().hadoopConfiguration();
    GpuResources.require(session.sparkContext(), settings.model().compute());
    ModelLocation model = ModelLocation.find(hadoop, settings.model());
    EmbeddingForm form = EmbeddingForm.of(settings, new SentenceTransformersFiles(hadoop, model.folders().get(0)),
        model.config().network().maxLength());
    LOG.info("embeddings: {}", form.description());
    this.session = session;
    this.settings = settings;
    this.task = new EmbeddingTask(model, form, settings.batchTokens(), EmbeddingCounters.on(session.sparkContext()));
  }

  /** The program. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** The program, but for the end of the process: gives the exit status. */
  static int run(String[] args) {
    return JobProgram.named("embed",
            "Makes a vector of every line of a text file, or of every row of a table's column, with a pretrained model.")
        .group("Model")
        .flag("--model", "embed.model", "FOLDER", "a model folder as Hugging Face lays it out, a training output or a checkpoint")
        .group("Input and output")
        .flag("--input", "embed.input", "FILE", "what to embed: text, a sentence a line, or a table; - is standard input")
        .flag("--output", "embed.output", "FILE", "the file (JSON lines, of text) or folder (table) to write; - is standard output")
        .switchFlag("--overwrite", "embed.overwrite", "replace an output that is there")
        .flag("--format", "embed.format", "FORMAT", "text, or a table's: parquet, json, orc")
        .flag("--column", "embed.column", "NAME", "the column of a table to embed")
        .flag("--output-column", "embed.output-column", "NAME", "the column that gets the vectors")
        .group("Vectors")
        .flag("--pooling", "embed.pooling", "auto|mean|first", "the mean of all tokens, or the first token")
        .flag("--normalize", "embed.normalize", "auto|true|false", "divide vectors by their length")
        .flag("--max-length", "embed.max-length", "N", "most tokens of a text; 0: as the model's folder says")
        .example("embed.sh --model all-MiniLM-L6-v2 --input sentences.txt --output vectors.json")
        .example("embed.sh --model all-MiniLM-L6-v2 --format parquet --input table --output table-with-vectors")
        .run(args, Settings::embed, EmbedJob::run);
  }

  private static void run(JobRun run, EmbedSettings settings) throws IOException {
    LOG.info(new EmbedJob(run.spark(), settings).embed(run.out()));
    if (!settings.sentences().isPrinted()) {
      LOG.info("wrote {}", settings.sentences().output().path());
    }
  }

  /**
   * Embeds.
   *
   * @param standardOutput where text goes whose output is {@code -}
   * @return a line that sums up what was done
   * @throws io.sparkformer.data.InvalidInputException the input is missing, not UTF-8 or has no such column, or the output exists
   */
  public String embed(PrintWriter standardOutput) throws IOException {
    EmbeddingCounters counters = task.counters();
    double seconds = new SentenceJob<>(session, settings.sentences(), task, AddedColumn.Kind.FLOATS, "embedded", counters.texts())
        .run(task.model().files(), standardOutput);
    return counters.summary(seconds, task.form().maxLength());
  }
}
