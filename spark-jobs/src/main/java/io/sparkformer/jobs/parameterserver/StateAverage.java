package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.Contributions;
import io.sparkformer.jobs.transport.FlatArrays;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;

/**
 * Replaces a flat array of every worker by the mean over the workers: each owns one slice, sums it in rank order in double precision and
 * sends the mean to the others, so that all hold the same bits afterwards. Elements that are equal at all workers do not change.
 *
 * <p>The same array is pushed and published: a worker's copy of a slice is overwritten by its owner's mean only after the owner
 * has read it.
 */
final class StateAverage {
  private static final int TILE_LENGTH = 4096;
  private static final ThreadLocal<Tile> TILE = ThreadLocal.withInitial(Tile::new);

  private final Transport transport;
  private final FlatRange all;
  private final FlatRange own;
  private final ParallelBlocks blocks;

  /** @param state {@code [state]}, of the same length at every worker */
  StateAverage(Transport transport, FloatRegion state, ParallelBlocks blocks) {
    ParameterSlices slices = new ParameterSlices(state.length(), transport.workers());
    this.transport = transport;
    this.all = new FlatRange(0, state.length());
    this.own = slices.slice(transport.rank());
    this.blocks = blocks;
    transport.bind(new FlatArrays(slices.all(), state, state));
  }

  /** Every worker calls this for the same step, once; all must have exchanged a message for it before. */
  void run(long step) {
    transport.push(step, all);
    if (!own.isEmpty()) {
      try (Contributions contributions = transport.collect(step)) {
        mean(contributions);
      }
      transport.publish(step, own);
    }
    transport.awaitPushed(step);
    transport.pull(step, all);
    // No worker changes memory that another may still read.
    transport.exchange(step, "average", new byte[0]);
  }

  private void mean(Contributions contributions) {
    int workers = transport.workers();
    FloatRegion mean = contributions.of(transport.rank());
    blocks.run(own.length(), (block, from, to) -> {
      Tile tile = TILE.get();
      for (long start = from; start < to; start += TILE_LENGTH) {
        int count = (int) Math.min(TILE_LENGTH, to - start);
        tile.clear(count);
        for (int rank = 0; rank < workers; rank++) {
          contributions.of(rank).read(start, tile.values, count);
          tile.add(count);
        }
        tile.divide(workers, count);
        mean.write(start, tile.values, count);
      }
    });
  }

  private static final class Tile {
    private final float[] values = new float[TILE_LENGTH];
    private final double[] sums = new double[TILE_LENGTH];

    void clear(int count) {
      for (int i = 0; i < count; i++) {
        sums[i] = 0;
      }
    }

    void add(int count) {
      for (int i = 0; i < count; i++) {
        sums[i] += values[i];
      }
    }

    void divide(int workers, int count) {
      for (int i = 0; i < count; i++) {
        values[i] = (float) (sums[i] / workers);
      }
    }
  }
}
