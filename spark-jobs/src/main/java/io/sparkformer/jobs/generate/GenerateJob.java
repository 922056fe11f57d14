package io.sparkformer.jobs.generate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.cli.JobRun;
import io.sparkformer.jobs.config.GenerateSettings;
import io.sparkformer.jobs.config.SentenceSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.device.GpuResources;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.jobs.sentence.SentenceJob;
import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.TableFormat;
import io.sparkformer.model.hub.GenerationConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Continues prompts, lines of a text file or values of a table's column, with a language model.
 *
 * <p>{@code main} is the program that generate.sh starts; the object is the job without a command line.
 */
public final class GenerateJob {

  private static final Logger LOG = LoggerFactory.getLogger(GenerateJob.class);
  /** Set by job.sh where standard input and output are a terminal. */
  private static final String CONSOLE_VARIABLE = "SPARKFORMER_CONSOLE";

  private final SparkSession session;
  private final GenerateSettings settings;
  private final GenerationTask task;

  /**
   * Finds the model.
   *
   * @throws InvalidInputException the model says no text, or the settings do not go together
   * @throws IllegalArgumentException there is no model, or it is not supported
   */
  public GenerateJob(SparkSession session, GenerateSettings settings) throws IOException {
    GpuResources.require(session.sparkContext(), settings.model().compute());
    ModelLocation location = ModelLocation.find(session.sparkContext().hadoopConfiguration(), settings.model());
    GenerationConfig generation = location.generation();
    GenerationChoice choice = GenerationChoice.of(settings, generation);
    choice.lines().forEach(LOG::info);
    this.session = session;
    this.settings = settings;
    this.task = new GenerationTask(PromptedModel.of(location, generation), choice.options(),
        GenerationCounters.on(session.sparkContext()));
  }

  /** The program. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** The program, but for the end of the process: gives the exit status. */
  static int run(String[] args) {
    return JobProgram.named("generate", "Continues prompts, lines of a text file or values of a table's column, with a language model. "
            + "At a terminal, without --input and --output, it answers line by line. An empty prompt begins a new text. Of a prompt longer "
            + "than the model accepts a decoder reads the last tokens, an encoder the first; of characters that the tokenizer does not "
            + "know its unknown token, if it has one; such prompts are counted.")
        .group("Model")
        .flag("--model", "generate.model", "FOLDER", "a training output (its best checkpoint is used), a checkpoint, a model folder")
        .group("Input and output")
        .flag("--input", "generate.input", "FILE", "prompts: text, a line each, or a table; - is standard input")
        .flag("--output", "generate.output", "FILE", "the file (text) or folder (table) to write; - is standard output. In text, "
            + "\\n stands for a line break within a continuation")
        .switchFlag("--overwrite", "generate.overwrite", "replace an output that is there")
        .flag("--format", "generate.format", "FORMAT", "text, or a table's: parquet, csv, json, orc")
        .flag("--column", "generate.column", "NAME", "the column of a table with the prompts")
        .flag("--output-column", "generate.output-column", "NAME", "the column that gets the continuations")
        .group("Search")
        .flag("--temperature", "generate.temperature", "T", "draw tokens, from logits divided by T; 0 is greedy")
        .flag("--top-k", "generate.top-k", "K", "draw only from the K most probable tokens")
        .flag("--top-p", "generate.top-p", "P", "draw only from the most probable tokens that have probability P together")
        .flag("--min-p", "generate.min-p", "P", "draw only tokens with P times the best one's probability")
        .flag("--beam", "generate.beam", "N", "beam search with N hypotheses; 1 is greedy")
        .flag("--groups", "generate.groups", "N", "diverse beam: N groups of the beam keep away from each other")
        .flag("--diversity", "generate.diversity", "X", "how much: what a token loses that a group before has taken")
        .flag("--repetition-penalty", "generate.repetition-penalty", "X", "above 1: tokens that stand in the text are less probable")
        .flag("--no-repeat-ngram", "generate.no-repeat-ngram", "N", "no run of N tokens comes twice in prompt and continuation")
        .flag("--samples", "generate.samples", "N", "continuations of each prompt")
        .flag("--max-new-tokens", "generate.max-new-tokens", "N", "longest continuation; default: the model's, or 128")
        .flag("--min-new-tokens", "generate.min-new-tokens", "N", "shortest continuation")
        .flag("--stop", "generate.stop", "TEXT", "a continuation ends before this text")
        .flag("--seed", "seed", "N", "seed of the tokens that are drawn")
        .example("generate.sh --model out/run --temperature 0.8 --top-k 50")
        .example("generate.sh --model out/run --input prompts.txt --output continuations.txt")
        .example("generate.sh --model gpt2 --format parquet --column question --input table --output answered --samples 4 --temperature 1")
        .run(args, Settings::generate, GenerateJob::run);
  }

  private static void run(JobRun run, GenerateSettings settings) throws IOException {
    GenerateJob job = new GenerateJob(run.spark(), settings);
    if (settings.prompts().isTalk() && System.getenv(CONSOLE_VARIABLE) != null) {
      job.talk(new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())), run.out());
      return;
    }
    job.generate(run.out());
  }

  /** Answers lines as they come, and prints every token when it is there; computed in this process. */
  void talk(BufferedReader lines, PrintWriter out) throws IOException {
    try (TextGenerator generator = new TextGenerator(SharedModel.of(task.model().location()), task.model(), task.options())) {
      new ConsoleGeneration(generator, out).run(lines);
    }
  }

  /**
   * Generates.
   *
   * @param standardOutput where text goes whose output is {@code -}
   * @return a line that sums up what was done
   * @throws InvalidInputException the input is missing, not UTF-8 or has no such column, or the output exists
   */
  public String generate(PrintWriter standardOutput) throws IOException {
    AddedColumn.Kind kind = settings.samples() == 1 ? AddedColumn.Kind.TEXT : AddedColumn.Kind.TEXTS;
    SentenceSettings prompts = settings.prompts();
    if (!prompts.isText() && !TableFormat.BY_NAME.get(prompts.format()).holds(kind)) {
      throw new InvalidInputException(prompts.format() + " cannot hold lists of texts: samples=" + settings.samples()
          + "; use --format parquet, json or orc, or samples 1");
    }
    GenerationCounters counters = task.counters();
    String kept = task.model().isEncoderDecoder() ? "beginnings" : "ends";
    return new SentenceJob<>(session, prompts, task, kind, "continued", counters.prompts())
        .run(task.model().location().files(), standardOutput, seconds -> counters.summary(seconds, kept));
  }
}
