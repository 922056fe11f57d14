package io.sparkformer.jobs.evaluate;

import io.sparkformer.data.shard.DataPart;
import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.cli.JobRun;
import io.sparkformer.jobs.config.EvaluateSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.device.GpuResources;
import io.sparkformer.jobs.model.ModelLocation;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** The program that evaluate.sh starts: scores translations, a model, or both. */
public final class EvaluateJob {

  private static final String JSON = "--json";

  private EvaluateJob() { }

  /** The program. */
  public static void main(String[] args) {
    JobProgram.named("evaluate", "Scores translations against references (BLEU, chrF2), a model on a prepared set (loss, "
            + "perplexity), a language model on text (perplexity, bits per byte, accuracy), and predicted labels (accuracy, F1, "
            + "correlations).")
        .group("Translations (BLEU and chrF2)")
        .flag("--hypotheses", "evaluate.hypotheses", "FILE", "translations, a sentence a line")
        .flag("--references", "evaluate.references", "FILE", "what they should be")
        .switchFlag("--lowercase", "evaluate.lowercase", "compare in lower case")
        .flag("--tokenize", "evaluate.tokenize", "13a|none", "how BLEU finds words; none: the text is tokenized already")
        .group("Model (loss and perplexity)")
        .flag("--model", "evaluate.model", "FOLDER", "a training output (its best checkpoint is used) or a checkpoint")
        .flag("--average", "evaluate.average", "N", "average the weights of the N newest checkpoints")
        .flag("--data", "evaluate.data", "FOLDER", "a folder written by prepare")
        .flag("--part", "evaluate.part", "PART", "train or validation")
        .group("Language model on text (with --model)")
        .flag("--text", "evaluate.text", "FILE", "a file, a folder with all files below it, or a pattern")
        .flag("--documents", "evaluate.documents", "FORM", "what a document is: file, line, blank-line, json or parquet")
        .flag("--column", "evaluate.column", "NAME", "the field or column of text, of json and parquet")
        .flag("--window", "evaluate.window", "N", "most tokens that are read at once; 0: as many as the model accepts")
        .flag("--stride", "evaluate.stride", "N", "tokens from one window to the next; 0: half a window")
        .group("Predicted labels (accuracy, F1, correlations)")
        .flag("--predictions", "evaluate.predictions", "TABLE", "a table with labels and what predict made of its texts")
        .flag("--label-column", "evaluate.label-column", "NAME", "the column of labels")
        .flag("--prediction-column", "evaluate.prediction-column", "NAME", "the column of predictions")
        .flag("--task", "evaluate.task", "TASK", "classification, or regression: labels are numbers")
        .flag("--format", "evaluate.format", "FORMAT", "csv, tsv, json, parquet, orc; auto: as names of files end")
        .group("Output")
        .option(JSON, "print one line of JSON")
        .example("evaluate.sh --hypotheses translations.txt --references references.txt")
        .example("evaluate.sh --model out/run --data out/data")
        .example("evaluate.sh --predictions dev-labelled --format csv")
        .example("evaluate.sh --model gpt2 --text novel.txt --stride 512")
        .main(args, Settings::evaluate, EvaluateJob::run);
  }

  private static void run(JobRun run, EvaluateSettings settings) throws IOException {
    EvaluationReport report = evaluate(run.spark(), settings);
    if (run.has(JSON)) {
      run.out().println(report.json());
    } else {
      report.lines().forEach(run.out()::println);
    }
    run.out().flush();
    if (System.out.checkError()) {
      throw new IllegalStateException("the scores cannot be written to standard output: it was closed, or its disk is full");
    }
  }

  /** The job without a command line. */
  static EvaluationReport evaluate(SparkSession spark, EvaluateSettings settings) throws IOException {
    Optional<CorpusScores> translations = settings.scoring().map(scoring -> CorpusScores.of(spark, scoring.hypotheses(),
        scoring.references(), scoring.lowercase() ? Casing.LOWERCASE : Casing.MIXED, WordTokenization.of(scoring.tokenize())));
    Optional<ModelScores> scores = Optional.empty();
    if (settings.loss().isPresent()) {
      EvaluateSettings.ModelLoss loss = settings.loss().get();
      GpuResources.require(spark.sparkContext(), loss.model().compute());
      ModelLocation model = ModelLocation.find(spark.sparkContext().hadoopConfiguration(), loss.model());
      scores = Optional.of(new ModelEvaluation(model, loss.batchTokens())
          .of(spark, loss.data(), DataPart.valueOf(loss.part().toUpperCase(Locale.ROOT))));
    }
    Optional<TextScores> text = Optional.empty();
    if (settings.text().isPresent()) {
      EvaluateSettings.TextLoss loss = settings.text().get();
      GpuResources.require(spark.sparkContext(), loss.model().compute());
      ModelLocation model = ModelLocation.find(spark.sparkContext().hadoopConfiguration(), loss.model());
      text = Optional.of(TextEvaluation.of(model, loss).run(spark, loss));
    }
    Optional<LabelReport> labels = Optional.empty();
    if (settings.predictions().isPresent()) {
      labels = Optional.of(LabelEvaluation.of(spark, settings.predictions().get()));
    }
    return new EvaluationReport(translations, scores, text, labels);
  }
}
