package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.data.SplitMix64;
import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.ExampleBatch;
import io.sparkformer.jobs.parameterserver.ParameterUpdates;
import io.sparkformer.jobs.pretrain.objective.Place;
import io.sparkformer.jobs.pretrain.objective.TrainingObjective;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Losses;
import io.sparkformer.model.graph.PassListener;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Loss;
import java.util.ArrayList;
import java.util.List;

/**
 * One worker's share of a global batch: its micro-batches, run one after another, each adding to the flat gradient.
 * An example's place in the global batch, and so its dropout masks, does not depend on how many workers share the batch.
 */
final class GradientStep {
  private final TransformerModel model;
  private final TrainingObjective objective;
  private final long seed;
  private final int rank;
  private final int workers;
  private final int accumulate;

  /** @param seed of what the objective draws at random */
  GradientStep(TransformerModel model, TrainingObjective objective, long seed, int rank, int workers, int accumulate) {
    this.objective = objective;
    this.seed = seed;
    this.model = model;
    this.rank = rank;
    this.workers = workers;
    this.accumulate = accumulate;
  }

  /**
   * Leaves the gradient of this worker's share, summed over its target tokens, in the model; returns the loss of the share.
   *
   * @param updates waits for the parameters of the forward pass, and sends ranges of the gradient while the rest is computed
   */
  Loss run(ExampleBatch batch, long step, ParameterUpdates updates) {
    model.clearGradients();
    List<Losses> losses = new ArrayList<>();
    List<Batch> share = share(batch, step);
    for (int i = 0; i < share.size(); i++) {
      // The gradient is finished only in the last micro-batch.
      PassListener exchange = i == share.size() - 1 ? updates.during(step + 1) : PassListener.waiting(updates::awaitParameters);
      losses.add(model.accumulateGradient(share.get(i), step, exchange));
    }
    if (share.isEmpty()) {
      // The other workers wait for this one's zeros, which no pass brings to the host.
      model.gradients();
    }
    return losses.stream().map(Losses::only).reduce(Loss.ZERO, Loss::plus);
  }

  private List<Batch> share(ExampleBatch batch, long step) {
    List<List<Example>> parts = batch.split(workers * accumulate);
    List<Batch> share = new ArrayList<>(accumulate);
    Place place = Place.first(SplitMix64.hash(seed, step));
    for (int i = 0; i < parts.size(); i++) {
      List<Example> part = parts.get(i);
      if (i / accumulate == rank && !part.isEmpty()) {
        share.add(objective.batch(part, place));
      }
      place = objective.after(place, part);
    }
    return share;
  }
}
