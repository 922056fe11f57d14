package io.sparkformer.jobs.pretrain.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.EnumNamingStrategies;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.data.shard.BatchPosition;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.jobs.parameterserver.StepResult;
import io.sparkformer.model.kernel.Precision;
import java.io.Serializable;
import java.util.Locale;

/**
 * The position of a run: what a checkpoint holds beside the parameters and the optimizer's state, so that the resumed run continues
 * as if it had never stopped.
 *
 * @param step updates made
 * @param position of the next batch
 * @param plan what the sequence of batches is a function of
 * @param data fingerprint of the prepared folder
 * @param trainedTargetTokens so far
 * @param skippedSteps so far, because a loss or gradient was not finite; with local steps each worker's count
 * @param bestNll lowest validation loss, null before the first validation that gave a finite one; never NaN
 * @param validationsSinceBest how many had a higher one since, or one that is not finite
 * @param precision what {@code precision = auto} stands for in this run; null where the settings name a precision
 */
public record TrainingState(long step, BatchPosition position, BatchPlan plan, String data, long trainedTargetTokens, long skippedSteps,
    Double bestNll, int validationsSinceBest, Precision precision) implements Serializable {
  private static final ObjectMapper JSON = JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
      .enumNamingStrategy(EnumNamingStrategies.KEBAB_CASE).build();

  /** NaN becomes null: checkpoints of earlier versions hold it where there were no validation pairs. */
  public TrainingState {
    bestNll = bestNll == null || bestNll.isNaN() ? null : bestNll;
  }

  public static TrainingState beginning(BatchPlan plan, String data) {
    return new TrainingState(0, BatchPosition.START, plan, data, 0, 0, null, 0, null);
  }

  /**
   * The state after a step. A skipped step counts as a step: the schedule and the sequence of batches advance. A local step's tokens are
   * counted with the next shared result.
   */
  public TrainingState after(StepResult result, BatchPosition next) {
    boolean counts = result.isShared() && !result.skipped();
    return new TrainingState(step + 1, next, plan, data, trainedTargetTokens + (counts ? result.targetTokens() : 0),
        skippedSteps + result.skippedUpdates(), bestNll, validationsSinceBest, precision);
  }

  /** The same, on data that {@linkplain #requireSameData is the same} under a fingerprint of another version. */
  public TrainingState on(String sameData) {
    return new TrainingState(step, position, plan, sameData, trainedTargetTokens, skippedSteps, bestNll, validationsSinceBest, precision);
  }

  public boolean isImprovedBy(double nll) {
    return Double.isFinite(nll) && (bestNll == null || nll < bestNll);
  }

  public TrainingState afterValidation(double nll) {
    boolean better = isImprovedBy(nll);
    return new TrainingState(step, position, plan, data, trainedTargetTokens, skippedSteps,
        better ? Double.valueOf(nll) : bestNll, better ? 0 : validationsSinceBest + 1, precision);
  }

  public TrainingState withPrecision(Precision chosen) {
    return new TrainingState(step, position, plan, data, trainedTargetTokens, skippedSteps, bestNll, validationsSinceBest, chosen);
  }

  public JsonNode toJson() {
    return JSON.valueToTree(this);
  }

  public static TrainingState fromJson(JsonNode json) {
    try {
      return JSON.treeToValue(json, TrainingState.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Invalid training-state.json: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Checks that a run with this plan and data goes on where this state stopped.
   *
   * @throws InvalidInputException naming the first setting that differs
   */
  public void requireSameData(BatchPlan now, ShardManifest dataNow) {
    require("seed", plan.seed(), now.seed());
    require("train.batch-tokens", plan.batchTokens(), now.batchTokens());
    require("train.batch-examples", plan.batchExamples(), now.batchExamples());
    require("train.shuffle-window", plan.window(), now.window());
    if (dataNow.rows() != null && plan.rowCuts() != now.rowCuts()) {
      throw differs("train.row-cuts", now.rowCuts().name().toLowerCase(Locale.ROOT), plan.rowCuts().name().toLowerCase(Locale.ROOT));
    }
    if (!dataNow.hasFingerprint(data)) {
      throw new InvalidInputException("Cannot resume: train.data is not the data of the checkpoint (fingerprint " + dataNow.fingerprint()
          + ", was " + data + "); give the folder that the run began with, or the same text prepared alike, or begin a new run");
    }
  }

  private static void require(String key, long then, long now) {
    if (then != now) {
      throw differs(key, now, then);
    }
  }

  private static InvalidInputException differs(String key, Object now, Object then) {
    return new InvalidInputException("Cannot resume: %s is %s, in the checkpoint it was %s; set it back, or begin a new run"
        .formatted(key, now, then));
  }
}
