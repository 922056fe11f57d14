package io.sparkformer.model.optimizer;

import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) over one slice of the flat parameters, with the bias correction as PyTorch computes it, and AdamW
 * ({@link WeightDecay}).
 *
 * <p>One pass over memory per update: 16 bytes read and 12 written per parameter. Every element is computed by itself, so the result
 * does not depend on how the array is divided into slices, blocks or threads.
 */
public final class Adam {
  /** Elements after which whoever waits for updated parameters is told: 16 MB, a few hundredths of a second of work. */
  private static final long PIECE_LENGTH = 4L << 20;
  private static final UpdateLoops LOOPS = UpdateLoops.fastest();

  private final AdamSettings settings;
  private final WeightDecay decay;
  private final FlatRange range;
  private final FloatRegion firstMoment;
  private final FloatRegion secondMoment;
  private final ParallelBlocks blocks;
  /** Null where updates are made on the host. */
  private final DeviceSlice device;
  private long updates;

  /**
   * A fresh optimizer: both moments zero, no update made.
   *
   * @param range the slice of the flat parameters that this optimizer updates; may be empty
   * @param blocks the threads that share an update
   */
  public Adam(AdamSettings settings, FlatRange range, ParallelBlocks blocks) {
    this(settings, WeightDecay.NONE, range, blocks);
  }

  /** A fresh optimizer whose parameters decay. */
  public Adam(AdamSettings settings, WeightDecay decay, FlatRange range, ParallelBlocks blocks) {
    this(settings, decay, range, blocks, UpdatePlace.HOST);
  }

  /** A fresh optimizer whose updates are made at some place. */
  public Adam(AdamSettings settings, WeightDecay decay, FlatRange range, ParallelBlocks blocks, UpdatePlace place) {
    this.settings = settings;
    this.decay = decay;
    this.range = range;
    this.firstMoment = FloatRegion.allocate(range.length());
    this.secondMoment = FloatRegion.allocate(range.length());
    this.blocks = blocks;
    this.device = place.slice(range, firstMoment, secondMoment).orElse(null);
  }

  /** The slice of the flat parameters that this optimizer updates. */
  public FlatRange range() {
    return range;
  }

  /** Where updates are made, if that is not the host. */
  public Optional<DeviceSlice> device() {
    return Optional.ofNullable(device);
  }

  /** Decaying mean of the gradient, {@code [slice]}: live memory of the host, for saving and restoring. */
  public FloatRegion firstMoment() {
    return firstMoment;
  }

  /** Decaying mean of the squared gradient, {@code [slice]}: live memory of the host, for saving and restoring. */
  public FloatRegion secondMoment() {
    return secondMoment;
  }

  /** How many updates were made; the bias correction depends on it. */
  public long updates() {
    return updates;
  }

  /** Goes on after {@code updates} updates; the caller fills the moments. */
  public void resumeAfter(long updates) {
    if (updates < 0) {
      throw new IllegalArgumentException("Invalid number of optimizer updates: " + updates + " (must be >= 0)");
    }
    this.updates = updates;
  }

  /** As {@link #update(FloatRegion, FloatRegion, double, double, UpdateRounding, Consumer)}, exact, for who waits for all of it. */
  public void update(FloatRegion parameters, FloatRegion gradient, double gradientScale, double learningRate) {
    update(parameters, gradient, gradientScale, learningRate, UpdateRounding.NONE, piece -> { });
  }

  /**
   * One update of the slice, on the host.
   *
   * @param parameters {@code [slice]}, updated in place
   * @param gradient {@code [slice]}, not changed
   * @param gradientScale factor for the gradient: one over the target tokens, times the clipping factor
   * @param learningRate the step's rate
   * @param rounding of the updated parameters
   * @param whenUpdated told of every piece of the flat parameters, one after another, as soon as it is updated
   */
  public void update(FloatRegion parameters, FloatRegion gradient, double gradientScale, double learningRate,
      UpdateRounding rounding, Consumer<FlatRange> whenUpdated) {
    if (parameters.length() != range.length() || gradient.length() != range.length()) {
      throw new IllegalArgumentException("Adam over " + range + " needs " + range.length() + " parameters and gradients, found "
          + parameters.length() + " and " + gradient.length());
    }
    updates++;
    AdamFactors factors = AdamFactors.of(settings, updates, gradientScale, learningRate);
    AdamFactors decaying = factors.withDecay(learningRate * decay.rate());
    for (long piece = 0; piece < range.length(); piece += PIECE_LENGTH) {
      long first = piece;
      long count = Math.min(PIECE_LENGTH, range.length() - first);
      blocks.run(count, (block, from, to) -> RoundedTile.run(parameters, first + from, first + to, rounding, (start, end) ->
          decay.divide(range.from() + start, range.from() + end, (partFrom, partTo, decays) -> LOOPS.adam(parameters, gradient, firstMoment,
              secondMoment, partFrom - range.from(), partTo - range.from(), decays ? decaying : factors))));
      whenUpdated.accept(new FlatRange(range.from() + first, range.from() + first + count));
    }
  }

  /**
   * One update of the slice on its {@link #device}, without waiting.
   *
   * @param gradientScale factor for the gradient
   * @param learningRate the step's rate
   */
  public void updateOnDevice(double gradientScale, double learningRate) {
    updates++;
    AdamFactors factors = AdamFactors.of(settings, updates, gradientScale, learningRate);
    AdamFactors decaying = factors.withDecay(learningRate * decay.rate());
    decay.divide(range.from(), range.to(), (from, to, decays) ->
        device.adam(from - range.from(), to - range.from(), decays ? decaying : factors));
  }
}
