package io.sparkformer.jobs.pretrain.plan;

import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.jobs.card.ModelCard;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.jobs.pretrain.objective.TrainingObjective;
import java.io.Serializable;
import java.time.Duration;

/**
 * Everything that a worker needs to know; the same for all workers.
 *
 * @param runId names this start of the run
 * @param attempt counts how often Spark has begun the stage of this start
 * @param model the network
 * @param settings of the training
 * @param objective what is learnt
 * @param workers how many there are
 * @param threads of each worker
 * @param data fingerprint of the prepared data
 * @param configuration resolved settings as HOCON, kept in every checkpoint
 * @param lineage what the model is made of
 * @param card of the model
 * @param start what to begin from
 * @param elapsed how long pretrain had been training, restarts included, when it began this start
 */
public record TrainingPlan(String runId, int attempt, PlannedModel model, TrainSettings settings, TrainingObjective objective,
    int workers, int threads, String data, String configuration, Lineage lineage, ModelCard card, Start start, Duration elapsed)
    implements Serializable {
  /** What a run begins from. */
  public enum Start {
    /** Initial weights: drawn ones, or those of a model folder. */
    BEGINNING,
    /** The newest whole checkpoint of the output folder, or initial weights if there is none. */
    NEWEST_CHECKPOINT
  }

  /** What the sequence of batches is a function of, apart from the data. */
  public BatchPlan batches() {
    return settings.batches();
  }

  /** A name that no other attempt has, for what this one writes and reports. Letters and digits. */
  public String attemptId() {
    return runId + "x" + attempt;
  }

  /** The plan of the stage's attempt with this number, from 0: all but the first go on from the newest checkpoint. */
  public TrainingPlan attempt(int number) {
    return new TrainingPlan(runId, number, model, settings, objective, workers, threads, data, configuration,
        lineage, card, number == 0 ? start : Start.NEWEST_CHECKPOINT, elapsed);
  }

  /** The plan of a new start after a failure. */
  public TrainingPlan restarted(String newRunId) {
    return new TrainingPlan(newRunId, 0, model, settings, objective, workers, threads, data, configuration, lineage, card,
        Start.NEWEST_CHECKPOINT, elapsed);
  }

  /** The same plan with another {@link #elapsed}. */
  public TrainingPlan after(Duration training) {
    return new TrainingPlan(runId, attempt, model, settings, objective, workers, threads, data, configuration, lineage, card, start,
        training);
  }
}
