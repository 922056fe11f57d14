package io.sparkformer.model.optimizer;

import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;

/**
 * The exponential moving average of parameters over the updates (Polyak and Juditsky 1992): {@code average += (1 - d) * (parameters -
 * average)} after each. So that first weights do not stay in it for long, {@code d = min(decay, (1 + updates) / (10 + updates))}, as
 * TensorFlow's {@code ExponentialMovingAverage} has it.
 */
public final class WeightAverage {
  private static final int TILE_LENGTH = 4096;
  private static final ThreadLocal<float[][]> TILES = ThreadLocal.withInitial(() -> new float[2][TILE_LENGTH]);

  private final double decay;
  private final FloatRegion parameters;
  private final FloatRegion average;
  private final ParallelBlocks blocks;

  /**
   * An average that begins with the parameters as they are now.
   *
   * @param decay in [0, 1)
   * @param parameters {@code [parameters]}, live memory
   * @param blocks the threads that share the work
   */
  public WeightAverage(double decay, FloatRegion parameters, ParallelBlocks blocks) {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException("Invalid decay of averaged weights: " + decay + " (must be >= 0 and < 1)");
    }
    this.decay = decay;
    this.parameters = parameters;
    this.average = FloatRegion.allocate(parameters.length());
    this.blocks = blocks;
    average.copyFrom(parameters);
  }

  /** The averaged parameters {@code [parameters]}: live memory. */
  public FloatRegion values() {
    return average;
  }

  /** @param updates made before the one whose parameters are added */
  public void add(long updates) {
    float share = (float) (1 - Math.min(decay, (1.0 + updates) / (10.0 + updates)));
    forTiles((own, other, count) -> {
      for (int i = 0; i < count; i++) {
        other[i] += share * (own[i] - other[i]);
      }
    });
  }

  /** Exchanges the parameters and their average; a second time, all is as before. */
  public void swap() {
    forTiles((own, other, count) -> {
      for (int i = 0; i < count; i++) {
        float value = own[i];
        own[i] = other[i];
        other[i] = value;
      }
    });
  }

  @FunctionalInterface
  private interface Change {
    /** Changes tiles of the parameters and of the average. */
    void apply(float[] own, float[] other, int count);
  }

  private void forTiles(Change change) {
    blocks.run(parameters.length(), (block, from, to) -> {
      float[][] tiles = TILES.get();
      for (long start = from; start < to; start += TILE_LENGTH) {
        int count = (int) Math.min(TILE_LENGTH, to - start);
        parameters.read(start, tiles[0], count);
        average.read(start, tiles[1], count);
        change.apply(tiles[0], tiles[1], count);
        parameters.write(start, tiles[0], count);
        average.write(start, tiles[1], count);
      }
    });
  }
}
