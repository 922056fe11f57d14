package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.atLeast;
import static io.sparkformer.jobs.config.Limits.notNegative;
import static io.sparkformer.jobs.config.Limits.positive;
import static io.sparkformer.jobs.config.Limits.require;

import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.data.shard.RowCuts;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.model.block.Recompute;
import java.io.Serializable;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.apache.hadoop.fs.Path;

/**
 * The {@code train} group, {@code seed} and {@code parameter-server}; base.conf says what each means.
 *
 * @param from the model folder to begin with; null for a new network
 * @param workers barrier tasks, or {@link #WORKERS_AUTO}
 * @param emaDecay of the average of the weights, which is the model then; 0 where they are not averaged
 * @param maxTime {@link #NO_TIME_LIMIT} when there is none; compare elapsed time with it, do not add it to an instant
 */
public record TrainSettings(
    long seed,
    Path data,
    Path from,
    Path output,
    ObjectiveSettings objective,
    TrainableSettings trainable,
    int workers,
    int batchTokens,
    int batchExamples,
    int accumulate,
    Recompute recompute,
    int localSteps,
    int shuffleWindow,
    RowCuts rowCuts,
    long maxSteps,
    int maxEpochs,
    int epochs,
    Duration maxTime,
    OptimizerSettings optimizer,
    double emaDecay,
    LearningRateSettings learningRate,
    int maxSkippedSteps,
    Duration reportInterval,
    int traceSteps,
    TensorBoardSettings tensorBoard,
    Duration startTimeout,
    int maxRestarts,
    CheckpointSettings checkpoint,
    ValidationSettings validation,
    ComputeSettings compute,
    ParameterServerSettings parameterServer) implements Serializable {

  /** One worker per free task slot. */
  public static final int WORKERS_AUTO = 0;
  /** Longer than any run. */
  public static final Duration NO_TIME_LIMIT = ChronoUnit.FOREVER.getDuration();

  public TrainSettings {
    atLeast("train.workers", workers, WORKERS_AUTO);
    positive("train.batch-tokens", batchTokens);
    notNegative("train.batch-examples", batchExamples);
    notNegative("train.epochs", epochs);
    requireCounted("train.epochs", epochs, batchExamples);
    requireCounted("train.validation.interval-epochs", validation.intervalEpochs(), batchExamples);
    positive("train.accumulate", accumulate);
    positive("train.local-steps", localSteps);
    positive("train.shuffle-window", shuffleWindow);
    positive("train.max-steps", maxSteps);
    notNegative("train.trace-steps", traceSteps);
    positive("train.max-epochs", maxEpochs);
    positive("train.max-time", maxTime);
    Limits.belowOne("train.ema.decay", emaDecay);
    notNegative("train.max-skipped-steps", maxSkippedSteps);
    positive("train.report-interval", reportInterval);
    positive("train.start-timeout", startTimeout);
    notNegative("train.max-restarts", maxRestarts);
    // Parameters and moments are averaged: the 8 significant bits of bfloat16 are too few for them.
    require(localSteps == 1 || parameterServer.wirePrecision() == WirePrecision.FLOAT32, "parameter-server.wire-precision",
        parameterServer.wirePrecision(), "must be float32 where train.local-steps is above 1");
    // Only after an averaging do all workers have the same state, which can be saved and validated.
    requireMultiple("train.max-steps", maxSteps, localSteps);
    requireMultiple("train.checkpoint.interval-steps", checkpoint.intervalSteps(), localSteps);
    requireMultiple("train.validation.interval-steps", validation.intervalSteps(), localSteps);
  }

  private static void requireCounted(String key, int value, int batchExamples) {
    require(value == 0 || batchExamples > 0, key, value, "must be 0 where train.batch-examples is: how many steps an epoch has is known "
        + "for batches of so many examples only");
  }

  private static void requireMultiple(String key, long steps, int localSteps) {
    if (steps % localSteps != 0) {
      long below = steps / localSteps * localSteps;
      throw InvalidSettingException.problem(key, key + " must be a multiple of train.local-steps: " + steps + ", local-steps="
          + localSteps, "try " + (below == 0 ? "" : below + " or ") + (below + localSteps));
    }
  }

  /** The {@code train.optimizer} group: Adam's numbers; no weights decay at 0, and a clip norm of 0 never clips. */
  public record OptimizerSettings(double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) implements Serializable {
    public OptimizerSettings {
      Limits.belowOne("train.optimizer.beta1", beta1);
      Limits.belowOne("train.optimizer.beta2", beta2);
      positive("train.optimizer.epsilon", epsilon);
      notNegative("train.optimizer.weight-decay", weightDecay);
      notNegative("train.optimizer.clip-norm", clipNorm);
    }
  }

  /** The {@code train.checkpoint} group. */
  public record CheckpointSettings(long intervalSteps, int keep) implements Serializable {
    public CheckpointSettings {
      positive("train.checkpoint.interval-steps", intervalSteps);
      positive("train.checkpoint.keep", keep);
    }
  }

  /** The {@code train.validation} group; 0 switches each off. */
  public record ValidationSettings(long intervalSteps, int intervalEpochs, int bleuSentences, int samples, int patience)
      implements Serializable {
    public ValidationSettings {
      notNegative("train.validation.interval-steps", intervalSteps);
      notNegative("train.validation.interval-epochs", intervalEpochs);
      notNegative("train.validation.bleu-sentences", bleuSentences);
      notNegative("train.validation.samples", samples);
      notNegative("train.validation.patience", patience);
    }
  }

  /**
   * The {@code train.tensorboard} group.
   *
   * @param histograms whether every validation writes those of the weights and of a gradient
   */
  public record TensorBoardSettings(boolean histograms) implements Serializable {}

  /** What the sequence of batches is a function of, apart from the data. */
  public BatchPlan batches() {
    return new BatchPlan(seed, batchTokens, shuffleWindow, batchExamples, rowCuts);
  }

  /** The same with other folders. */
  public TrainSettings at(Path newData, Path newOutput) {
    return with(newData, newOutput, validation);
  }

  /** The same without validation: for data that has no validation part. */
  public TrainSettings withoutValidation() {
    return with(data, output, new ValidationSettings(0, 0, 0, 0, 0));
  }

  /** The same with validations that translate nothing: for data that is no translations. */
  public TrainSettings withoutTranslations() {
    return with(data, output, new ValidationSettings(validation.intervalSteps, validation.intervalEpochs, 0, 0, validation.patience));
  }

  private TrainSettings with(Path newData, Path newOutput, ValidationSettings newValidation) {
    return with(newData, newOutput, newValidation, batchTokens, maxSteps, learningRate);
  }

  private TrainSettings with(Path newData, Path newOutput, ValidationSettings newValidation, int newBatchTokens, long newMaxSteps,
      LearningRateSettings newLearningRate) {
    return new TrainSettings(seed, newData, from, newOutput, objective, trainable, workers, newBatchTokens, batchExamples, accumulate,
        recompute, localSteps, shuffleWindow, rowCuts, newMaxSteps, maxEpochs, epochs, maxTime, optimizer, emaDecay, newLearningRate,
        maxSkippedSteps, reportInterval, traceSteps, tensorBoard, startTimeout, maxRestarts, checkpoint, newValidation, compute,
        parameterServer);
  }

  /**
   * The same with the numbers that examples, epochs and shares stand for.
   *
   * @param examples of an epoch
   * @param longest tokens of the longest example
   */
  public TrainSettings forData(long examples, int longest) {
    if (batchExamples == 0) {
      return with(data, output, validation, batchTokens, maxSteps, learningRate.of(maxSteps));
    }
    long stepsOfEpoch = Math.max(1, batches().batchesOfEpoch(examples));
    long steps = epochs == 0 ? maxSteps : epochs * stepsOfEpoch;
    ValidationSettings counted = validation.intervalEpochs == 0 ? validation : new ValidationSettings(
        validation.intervalEpochs * stepsOfEpoch, validation.intervalEpochs, validation.bleuSentences, validation.samples,
        validation.patience);
    return with(data, output, counted, (int) Math.min(Integer.MAX_VALUE, (long) batchExamples * Math.max(1, longest)), steps,
        learningRate.of(steps));
  }

  static TrainSettings from(SettingValues values) {
    return new TrainSettings(
        values.wide("seed"),
        values.neededPath("train.data"),
        values.path("train.from").orElse(null),
        values.neededOutput("train.output"),
        ObjectiveSettings.from(values),
        TrainableSettings.from(values),
        workers(values.needed("train.workers")),
        values.integer("train.batch-tokens"),
        values.integer("train.batch-examples"),
        values.integer("train.accumulate"),
        values.choice("train.recompute", Recompute.values()),
        values.integer("train.local-steps"),
        values.integer("train.shuffle-window"),
        values.choice("train.row-cuts", RowCuts.values()),
        values.wide("train.max-steps"),
        values.integer("train.max-epochs"),
        values.integer("train.epochs"),
        values.duration("train.max-time").orElse(NO_TIME_LIMIT),
        new OptimizerSettings(values.decimal("train.optimizer.beta1"), values.decimal("train.optimizer.beta2"),
            values.decimal("train.optimizer.epsilon"), values.decimal("train.optimizer.weight-decay"),
            values.decimal("train.optimizer.clip-norm")),
        values.decimal("train.ema.decay"),
        LearningRateSettings.from(values),
        values.integer("train.max-skipped-steps"),
        values.duration("train.report-interval").orElseThrow(),
        values.integer("train.trace-steps"),
        new TensorBoardSettings(values.isOn("train.tensorboard.histograms")),
        values.duration("train.start-timeout").orElseThrow(),
        values.integer("train.max-restarts"),
        new CheckpointSettings(values.wide("train.checkpoint.interval-steps"), values.integer("train.checkpoint.keep")),
        new ValidationSettings(values.wide("train.validation.interval-steps"), values.integer("train.validation.interval-epochs"),
            values.integer("train.validation.bleu-sentences"), values.integer("train.validation.samples"),
            values.integer("train.validation.patience")),
        ComputeSettings.from(values),
        ParameterServerSettings.from(values));
  }

  private static int workers(String text) {
    if (text.equals("auto")) {
      return WORKERS_AUTO;
    }
    require(text.matches("[1-9]\\d{0,8}"), "train.workers", text, "must be auto or a whole number > 0");
    return Integer.parseInt(text);
  }
}
