package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.Traffic;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.WorkerTransport;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Training without a network: every worker's gradient is a function of its rank and the step. */
final class LocalTraining {
  static final double CLIP_NORM = 0.5;
  static final UpdateSettings SETTINGS = new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9),
      new LearningRateSchedule.InverseSquareRoot(0.01, 10), CLIP_NORM, 3);

  private LocalTraining() { }

  /** What a worker's network would have found: a gradient that depends on rank and step alone, summed over so many tokens. */
  static float[] gradient(int rank, long step, int length) {
    return values(1000 * step + rank, length);
  }

  static int tokens(int rank, long step) {
    return (int) (1 + (step + 3 * rank) % 5);
  }

  record Trained(float[] parameters, float[] first, float[] second, long updates, List<StepResult> results, Traffic traffic) { }

  static Trained train(Transport transport, ParameterUpdates updates, FloatRegion parameters, FloatRegion gradient, int steps) {
    List<StepResult> results = new ArrayList<>();
    updates.requireSameParameters(0);
    for (long step = 1; step <= steps; step++) {
      gradient.write(0, gradient(transport.rank(), step, (int) gradient.length()), (int) gradient.length());
      int tokens = tokens(transport.rank(), step);
      results.add(updates.update(step, 2.5 * tokens, tokens));
    }
    updates.awaitParameters();
    return new Trained(parameters.toArray(), updates.adam().firstMoment().toArray(), updates.adam().secondMoment().toArray(),
        updates.adam().updates(), results, transport instanceof WorkerTransport joined ? joined.traffic() : null);
  }

  static Trained trainLocally(Transport transport, int length, int interval, int steps) {
    FloatRegion parameters = FloatRegion.copyOf(values(99, length));
    FloatRegion gradient = FloatRegion.allocate(length);
    try (ParallelBlocks blocks = new ParallelBlocks(1 + transport.rank() % 2)) {
      return train(transport, new LocalSteps(transport, parameters, gradient, SETTINGS, interval, blocks), parameters, gradient, steps);
    }
  }

  static float[] values(long seed, int length) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
