package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.checkpoint.OptimizerState;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.DeviceSlice;
import io.sparkformer.model.optimizer.UpdatePlace;
import java.util.List;

/**
 * Every worker updates its own copy of all parameters, with its own Adam and its own gradient (the mean over its own target tokens, clipped
 * by its own norm); after every so many steps the parameters and both moments are averaged over the workers. Between two averagings
 * workers neither send nor wait. After one, all are in the same state, bit for bit; a lone worker has the same state as one without local
 * steps.
 *
 * <p>Averaging parameters every k steps: Stich 2019, "Local SGD Converges Fast and Communicates Little", algorithm 1. Averaging the
 * momentum with them: Yu, Jin and Yang 2019, "On the Linear Speedup Analysis of Communication Efficient Momentum SGD for Distributed
 * Non-Convex Optimization"; Adam's second moment is treated like the first. The mean is plain, as theirs: every worker counts once, however
 * many target tokens it has seen.
 *
 * <p>A step whose loss or gradient is not finite is skipped by the worker that meets it. After an averaging all workers count as many
 * optimizer updates as the one that has made most, which keeps the bias corrections from becoming too large.
 */
public final class LocalSteps implements ParameterUpdates {
  private final Transport transport;
  private final FloatRegion parameters;
  private final FloatRegion gradient;
  private final UpdateSettings settings;
  private final int interval;
  private final ParallelBlocks blocks;
  private final Adam adam;
  private final FlatRange saved;
  private final FloatRegion state;
  private final StateAverage average;
  private LocalTotals totals = LocalTotals.NONE;

  /**
   * @param transport connects this worker to the others
   * @param parameters all parameters of this worker's network, {@code [parameters]}; the same at every worker
   * @param gradient all gradients of this worker's network, {@code [parameters]}
   * @param interval averaging comes after the steps that are multiples of this, at least 1
   * @param blocks the threads that share an update
   */
  public LocalSteps(Transport transport, FloatRegion parameters, FloatRegion gradient, UpdateSettings settings, int interval,
      ParallelBlocks blocks) {
    this(transport, parameters, gradient, settings, interval, blocks, UpdatePlace.HOST);
  }

  /** @param place where updates are made */
  public LocalSteps(Transport transport, FloatRegion parameters, FloatRegion gradient, UpdateSettings settings, int interval,
      ParallelBlocks blocks, UpdatePlace place) {
    if (parameters.length() != gradient.length()) {
      throw new IllegalArgumentException("Found " + parameters.length() + " parameters, but " + gradient.length() + " gradients");
    }
    if (interval < 1) {
      throw new IllegalArgumentException("Invalid number of local steps: " + interval + " (must be >= 1)");
    }
    this.transport = transport;
    this.parameters = parameters;
    this.gradient = gradient;
    this.settings = settings;
    this.interval = interval;
    this.blocks = blocks;
    this.adam = new Adam(settings.adam(), settings.decay(), new FlatRange(0, parameters.length()), blocks, place);
    this.saved = new ParameterSlices(parameters.length(), transport.workers()).slice(transport.rank());
    this.state = FloatRegion.join(parameters, adam.firstMoment(), adam.secondMoment());
    this.average = new StateAverage(transport, state, blocks);
  }

  /** The optimizer of all parameters. */
  @Override
  public Adam adam() {
    return adam;
  }

  @Override
  public OptimizerState savedOptimizer() {
    adam.device().ifPresent(DeviceSlice::deliverState);
    return OptimizerState.of(adam, saved);
  }

  @Override
  public boolean gradientsAreRead() {
    return adam.device().isEmpty();
  }

  @Override
  public void stateWritten() {
    adam.device().ifPresent(DeviceSlice::takeState);
  }

  /** Does nothing: nothing is sent before the update. */
  @Override
  public void push(long step, FlatRange range) { }

  /** Does nothing: the worker has updated its parameters itself. */
  @Override
  public void awaitParameters(FlatRange range) { }

  /** Does nothing: the worker has updated its parameters itself. */
  @Override
  public void awaitParameters() { }

  @Override
  public StepResult update(long step, double lossSum, long targetTokens) {
    double rate = settings.schedule().rate(step);
    double norm = targetTokens == 0 ? 0 : Math.sqrt(squares()) / targetTokens;
    if (!Double.isFinite(lossSum) || !Double.isFinite(norm)) {
      totals = totals.afterSkip(step, lossSum / targetTokens, norm);
    } else if (targetTokens > 0) {
      apply(settings.clipFactor(norm) / targetTokens, rate);
      totals = totals.afterUpdate(lossSum, targetTokens, norm);
    }
    return step % interval == 0 ? share(step, rate)
        : new StepResult(step, lossSum, targetTokens, norm, rate, 0, StepResult.Outcome.LOCAL);
  }

  private double squares() {
    return adam.device().map(DeviceSlice::squares).orElseGet(() -> GradientSum.squares(gradient, blocks));
  }

  private void apply(double scale, double rate) {
    if (adam.device().isPresent()) {
      adam.updateOnDevice(scale, rate);
    } else {
      adam.update(parameters, gradient, scale, rate);
    }
  }

  private StepResult share(long step, double rate) {
    List<byte[]> messages = transport.exchange(step, "totals of local steps", totals.toBytes(adam.updates()));
    List<LocalTotals> all = messages.stream().map(LocalTotals::of).toList();
    requireFewSkipped(step, all);
    LocalTotals sum = all.stream().reduce(LocalTotals.NONE, LocalTotals::plus);
    if (sum.updates() + sum.skipped() == 0) {
      throw new IllegalStateException("step " + step + ": the batches since the last averaging hold no target token at any of "
          + transport.workers() + " workers");
    }
    if (transport.workers() > 1) {
      adam.device().ifPresent(DeviceSlice::deliverState);
      average.run(step);
      stateWritten();
    }
    adam.resumeAfter(messages.stream().mapToLong(LocalTotals::optimizerUpdates).max().orElseThrow());
    totals = totals.afterAveraging();
    return new StepResult(step, sum.lossSum(), sum.targetTokens(), sum.normSum() / sum.updates(), rate, sum.skipped(),
        sum.updates() == 0 ? StepResult.Outcome.SKIPPED : StepResult.Outcome.UPDATED);
  }

  /** All workers decide alike, from the same numbers. */
  private void requireFewSkipped(long step, List<LocalTotals> all) {
    for (int rank = 0; rank < all.size(); rank++) {
      LocalTotals worker = all.get(rank);
      if (worker.longest() >= settings.maxSkippedSteps()) {
        throw new DivergedException("step " + step + ": rank " + rank + " has skipped " + worker.longest() + " local steps in a row,"
            + " whose loss or gradient was not finite (at step " + worker.lastSkipped() + " loss=" + worker.lastLoss()
            + ", gradient norm=" + worker.lastNorm() + "); lower the learning rate or lengthen its warm-up, and go on from the last"
            + " checkpoint");
      }
    }
  }

  /** As in the interface, for the optimizer's moments too. */
  @Override
  public void requireSameParameters(long step) {
    ParameterChecksum.requireSame(transport, step, state);
  }
}
