package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.Contributions;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;

/**
 * Adds the workers' gradients of one slice and measures the sum, in one pass over memory.
 *
 * <p>Contributions are added in float32, in rank order; squares in double precision, block by block, so that the result does not depend
 * on the threads.
 */
final class GradientSum {
  private static final int TILE_LENGTH = 4096;
  private static final ThreadLocal<Tile> TILE = ThreadLocal.withInitial(Tile::new);

  private GradientSum() { }

  /**
   * Stores the sum in the owner's own gradient, and returns the sum of its squares: not finite when an element is not.
   *
   * @param contributions of all workers, {@code [slice]} each
   * @param own rank whose contribution is replaced by the sum; a lone worker's stays as it is
   * @param workers how many contributions there are
   */
  static double squaresOfSum(Contributions contributions, int own, int workers, ParallelBlocks blocks) {
    FloatRegion sum = contributions.of(own);
    double[] squares = new double[ParallelBlocks.count(sum.length())];
    blocks.run(sum.length(), (block, from, to) -> {
      Tile tile = TILE.get();
      for (long start = from; start < to; start += TILE_LENGTH) {
        int count = (int) Math.min(TILE_LENGTH, to - start);
        contributions.of(0).read(start, tile.sum, count);
        for (int rank = 1; rank < workers; rank++) {
          contributions.of(rank).read(start, tile.summand, count);
          add(tile.summand, tile.sum, count);
        }
        if (workers > 1) {
          sum.write(start, tile.sum, count);
        }
        squares[block] += squares(tile.sum, count);
      }
    });
    double total = 0;
    for (double each : squares) {
      total += each;
    }
    return total;
  }

  /** The sum of the squares of one worker's gradient: the same bits as of a lone worker's sum. */
  static double squares(FloatRegion gradient, ParallelBlocks blocks) {
    return squaresOfSum(new Lone(gradient), 0, 1, blocks);
  }

  private record Lone(FloatRegion gradient) implements Contributions {
    @Override
    public FloatRegion of(int rank) {
      return gradient;
    }

    @Override
    public void close() { }
  }

  private static void add(float[] summand, float[] sum, int count) {
    for (int i = 0; i < count; i++) {
      sum[i] += summand[i];
    }
  }

  private static double squares(float[] values, int count) {
    // Four chains of additions: one alone would wait for itself.
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 4 <= count; i += 4) {
      double v = values[i];
      double w = values[i + 1];
      double x = values[i + 2];
      double y = values[i + 3];
      a += v * v;
      b += w * w;
      c += x * x;
      d += y * y;
    }
    for (; i < count; i++) {
      double v = values[i];
      a += v * v;
    }
    return a + b + (c + d);
  }

  private static final class Tile {
    private final float[] sum = new float[TILE_LENGTH];
    private final float[] summand = new float[TILE_LENGTH];
  }
}
