package io.sparkformer.jobs.finetune;

import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.cli.JobRun;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.FinetuneSettings;
import io.sparkformer.jobs.config.ModelChoice;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.pretrain.PretrainJob;
import io.sparkformer.jobs.pretrain.Pretraining;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** The program that finetune.sh starts: trains a model that labels texts, from a model folder and a labelled table. */
public final class FinetuneJob {
  /** The prepared folder within the training output. */
  private static final String DATA = "data";
  /** The file of conf/ with the job's own defaults. */
  public static final String DEFAULTS = "finetune.conf";

  /**
   * What the job reads of the settings.
   *
   * @param train with the prepared folder within the training output
   */
  record Plan(Settings settings, FinetuneSettings tables, TrainSettings train) {
    static Plan of(Settings settings) {
      FinetuneSettings tables = settings.finetune();
      String output = settings.valueOf("train.output").orElse("");
      Settings placed = settings.with(List.of(new Assignment("train.data", output + "/" + DATA, "train.output")));
      return new Plan(placed, tables, placed.train());
    }
  }

  private FinetuneJob() {}

  /** The program. */
  public static void main(String[] args) {
    PretrainJob.setSparkDefaults();
    program().main(args, Plan::of, FinetuneJob::run);
  }

  static JobProgram program() {
    return JobProgram.named("finetune", "Trains a model that labels texts, from a model folder and a labelled table.")
        .defaults(DEFAULTS)
        .group("Model and output")
        .flag("--model", "train.from", "FOLDER", "model to begin with, as Hugging Face lays it out, or a training output")
        .flag("--output", "train.output", "FOLDER", "folder to write: checkpoints, best model, metrics")
        .option(Pretraining.RESUME, "go on from the newest checkpoint of the output folder")
        .group("Tables")
        .flag("--train", "finetune.train", "TABLE", "training texts with their labels, a file or folder")
        .flag("--validation", "finetune.validation", "TABLE", "validation texts with their labels")
        .flag("--format", "finetune.format", "FORMAT", "csv, tsv, json, parquet, orc; auto: as names of files end")
        .flag("--column", "finetune.column", "NAME", "the column of text")
        .flag("--second-column", "finetune.second-column", "NAME", "the column of the second text, of pairs")
        .flag("--label-column", "finetune.label-column", "NAME", "the column of labels")
        .flag("--task", "finetune.task", "TASK", "classification, or regression: labels are numbers")
        .flag("--max-length", "finetune.max-length", "N", "most tokens of a text; 0: as many as the network accepts")
        .group("Training")
        .flag("--epochs", "train.epochs", "N", "passes over the training table")
        .flag("--batch", "train.batch-examples", "N", "texts in one batch")
        .flag("--learning-rate", "train.learning-rate.peak", "RATE", "highest learning rate")
        .flag("--seed", "seed", "N", "of the first weights of the new head, of the order of texts and of dropout")
        .flag("--workers", "train.workers", "N", "workers, each one barrier task; auto: one per task slot")
        .example("finetune.sh --model all-MiniLM-L6-v2 --train train.csv --validation dev.csv --output out/sentiment")
        .example("finetune.sh --model bert-base --train pairs.parquet --column premise --second-column hypothesis --output out/nli")
        .example("finetune.sh -c my.conf --output out/sentiment --resume");
  }

  static void run(JobRun run, Plan plan) throws IOException {
    Configuration hadoop = run.spark().sparkContext().hadoopConfiguration();
    if (!run.has(Pretraining.RESUME)) {
      Pretraining.requireFree(hadoop, plan.train());
      ModelLocation model = ModelLocation.find(hadoop, new ModelChoice(plan.train().from(), 1, plan.train().compute()));
      new LabelledFolder(run.spark(), plan.tables(), model, plan.train().from()).write(plan.train().data())
          .forEach(run.out()::println);
      run.out().flush();
    }
    new Pretraining(new JobRun(run.spark(), plan.settings(), run.options(), run.stop(), run.out()), plan.train()).train();
  }
}
