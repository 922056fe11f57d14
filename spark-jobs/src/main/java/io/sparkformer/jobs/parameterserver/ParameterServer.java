package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.Contributions;
import io.sparkformer.jobs.transport.FlatArrays;
import io.sparkformer.jobs.transport.RoundedChanges;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.model.checkpoint.OptimizerState;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.DeviceSlice;
import io.sparkformer.model.optimizer.UpdatePlace;
import io.sparkformer.model.optimizer.UpdateRounding;

/**
 * One worker's part of the sharded parameter server: it owns one slice of the parameters and their optimizer state, and keeps the worker's
 * other slices up to date with their owners.
 */
public final class ParameterServer implements ParameterUpdates {
  private static final long NO_STEP = -1;
  /** Elements that come from a device at a time, to be sent while the next ones come. */
  private static final long PIECE_LENGTH = 4L << 20;

  private final Transport transport;
  private final ParameterSlices slices;
  private final FlatRange own;
  private final FloatRegion parameters;
  private final FloatRegion gradient;
  private final UpdateSettings settings;
  private final Adam adam;
  private final UpdateRounding rounding;
  private final ParallelBlocks blocks;
  private final OutgoingGradient outgoing;
  /** The step whose parameters may not have arrived yet. */
  private long pullingStep = NO_STEP;
  private int skippedInARow;
  private long skippedSteps;

  /**
   * @param transport connects this worker to the others
   * @param parameters all parameters of this worker's network, {@code [parameters]}; the same at every worker
   * @param gradient all gradients of this worker's network, {@code [parameters]}
   * @param blocks the threads that share an update
   */
  public ParameterServer(Transport transport, FloatRegion parameters, FloatRegion gradient, UpdateSettings settings,
      ParallelBlocks blocks) {
    this(transport, parameters, gradient, settings, blocks, UpdatePlace.HOST);
  }

  /** @param place where updates are made, if elements travel unrounded: to round them is the host's work */
  public ParameterServer(Transport transport, FloatRegion parameters, FloatRegion gradient, UpdateSettings settings,
      ParallelBlocks blocks, UpdatePlace place) {
    if (parameters.length() != gradient.length()) {
      throw new IllegalArgumentException("Found " + parameters.length() + " parameters, but " + gradient.length() + " gradients");
    }
    this.transport = transport;
    this.slices = new ParameterSlices(parameters.length(), transport.workers());
    this.own = slices.slice(transport.rank());
    this.parameters = parameters;
    this.gradient = gradient;
    this.settings = settings;
    boolean rounds = transport.precision() == WirePrecision.BFLOAT16;
    this.adam = new Adam(settings.adam(), settings.decay(), own, blocks, rounds ? UpdatePlace.HOST : place);
    this.blocks = blocks;
    this.outgoing = new OutgoingGradient(transport, parameters.length());
    RoundedChanges changes = new RoundedChanges(rounds ? own.length() : 0);
    this.rounding = rounds ? changes::round : UpdateRounding.NONE;
    transport.bind(new FlatArrays(slices.all(), parameters, gradient, changes));
  }

  /** The optimizer of the slice that this worker owns. */
  @Override
  public Adam adam() {
    return adam;
  }

  @Override
  public OptimizerState savedOptimizer() {
    adam.device().ifPresent(DeviceSlice::deliverState);
    return OptimizerState.of(adam);
  }

  @Override
  public boolean gradientsAreRead() {
    return adam.device().isEmpty() || transport.workers() > 1;
  }

  @Override
  public void stateWritten() {
    adam.device().ifPresent(DeviceSlice::takeState);
  }

  /** How many steps were skipped so far because their loss or gradient was not finite. */
  public long skippedSteps() {
    return skippedSteps;
  }

  /** Sends a range of the gradient to its owners. */
  @Override
  public void push(long step, FlatRange range) {
    awaitParameters();
    outgoing.add(step, range);
  }

  /** Waits until a range of the parameters is as its owners updated it in the last step. */
  @Override
  public void awaitParameters(FlatRange range) {
    if (pullingStep != NO_STEP) {
      transport.pull(pullingStep, range);
    }
  }

  /** Waits until all parameters are as their owners updated them in the last step: the same at every worker. */
  @Override
  public void awaitParameters() {
    awaitParameters(all());
    pullingStep = NO_STEP;
  }

  /**
   * Averages the gradients of all workers and updates the parameters; every worker calls this once per step.
   *
   * <p>Afterwards the parameters are the same at every worker, and the gradient's memory is free for the next step: its values are
   * undefined, clearing it is the caller's.
   *
   * @param step number of the step, from 1; the same at every worker
   * @param lossSum sum of the losses of this worker's target tokens, in nats
   * @param targetTokens how many target tokens the gradient is summed over; may be 0 at some workers
   * @throws IllegalStateException when too many steps in a row were not finite; at every worker alike
   */
  public StepResult step(long step, double lossSum, long targetTokens) {
    StepResult result = update(step, lossSum, targetTokens);
    awaitParameters();
    return result;
  }

  /**
   * As {@link #step}, but returns before the parameters of other owners have arrived: {@link #awaitParameters} must come before
   * any use of them.
   */
  @Override
  public StepResult update(long step, double lossSum, long targetTokens) {
    awaitParameters();
    outgoing.addRest(step);
    double[] totals = transport.sum(step, "totals", lossSum, targetTokens, squaresOfOwnSlice(step));
    StepResult result = judge(step, totals[0], (long) totals[1], totals[2]);
    if (result.skipped()) {
      countSkipped(result);
    } else {
      skippedInARow = 0;
      apply(result);
    }
    transport.awaitPushed(step);
    return result;
  }

  private FlatRange all() {
    return new FlatRange(0, parameters.length());
  }

  private double squaresOfOwnSlice(long step) {
    if (own.isEmpty()) {
      return 0;
    }
    if (!gradientsAreRead()) {
      return adam.device().orElseThrow().squares();
    }
    try (Contributions contributions = transport.collect(step)) {
      return GradientSum.squaresOfSum(contributions, transport.rank(), transport.workers(), blocks);
    }
  }

  private StepResult judge(long step, double lossSum, long targetTokens, double squares) {
    if (targetTokens < 1) {
      throw new IllegalStateException("step " + step + ": the batch holds no target token at any of " + transport.workers()
          + " workers");
    }
    double norm = Math.sqrt(squares) / targetTokens;
    boolean finite = Double.isFinite(lossSum) && Double.isFinite(norm);
    return new StepResult(step, lossSum, targetTokens, norm, settings.schedule().rate(step),
        finite ? 0 : 1, finite ? StepResult.Outcome.UPDATED : StepResult.Outcome.SKIPPED);
  }

  private void apply(StepResult result) {
    double scale = settings.clipFactor(result.gradientNorm()) / result.targetTokens();
    if (adam.device().isPresent()) {
      updateOnDevice(result, scale, adam.device().get());
    } else {
      adam.update(parameters.slice(own), gradient.slice(own), scale, result.learningRate(), rounding,
          piece -> transport.publish(result.step(), piece));
    }
    pullingStep = result.step();
  }

  /** The host sees what other workers need: the sum of the gradients comes from there, the parameters go there. */
  private void updateOnDevice(StepResult result, double scale, DeviceSlice device) {
    boolean alone = transport.workers() == 1;
    if (!alone) {
      device.takeGradient();
    }
    adam.updateOnDevice(scale, result.learningRate());
    for (long from = own.from(); from < own.to() && !alone; from += PIECE_LENGTH) {
      FlatRange piece = new FlatRange(from, Math.min(own.to(), from + PIECE_LENGTH));
      device.deliverParameters(piece.from() - own.from(), piece.to() - own.from());
      transport.publish(result.step(), piece);
    }
    if (alone && !own.isEmpty()) {
      transport.publish(result.step(), own);
    }
  }

  private void countSkipped(StepResult result) {
    skippedSteps++;
    skippedInARow++;
    if (skippedInARow >= settings.maxSkippedSteps()) {
      throw new DivergedException("step " + result.step() + ": " + skippedInARow + " steps in a row had a loss or gradient"
          + " that is not finite (loss=" + result.loss() + ", gradient norm=" + result.gradientNorm()
          + "); lower the learning rate or lengthen its warm-up, and go on from the last checkpoint");
    }
  }

  @Override
  public void requireSameParameters(long step) {
    ParameterChecksum.requireSame(transport, step, parameters);
  }
}
