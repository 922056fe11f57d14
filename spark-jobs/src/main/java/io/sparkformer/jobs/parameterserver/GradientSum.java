package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.Contributions;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.UpdateLoops;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Adds the workers' gradients of one slice and the squares of the sum, in one pass over memory.
 *
 * <p>Contributions are added in float32, in rank order; squares block by block, so that the result does not depend on the threads.
 */
final class GradientSum {
  /** Elements of a block: few enough to stay in the first-level cache until their squares are computed. */
  private static final int TILE_LENGTH = 4096;
  private static final UpdateLoops LOOPS = UpdateLoops.fastest();

  private GradientSum() { }

  /**
   * Stores the sum in the owner's own gradient, and returns the sum of its squares: not finite when an element is not.
   *
   * @param contributions of all workers, {@code [slice]} each
   * @param own rank whose contribution is replaced by the sum; a lone worker's stays as it is
   * @param workers how many contributions there are
   */
  static double squaresOfSum(Contributions contributions, int own, int workers, ParallelBlocks blocks) {
    return squaresOfSum(IntStream.range(0, workers).mapToObj(contributions::of).toList(), contributions.of(own), blocks);
  }

  /** The sum of the squares of one worker's gradient: the same bits as of a lone worker's sum. */
  static double squares(FloatRegion gradient, ParallelBlocks blocks) {
    return squaresOfSum(List.of(gradient), gradient, blocks);
  }

  private static double squaresOfSum(List<FloatRegion> summands, FloatRegion sum, ParallelBlocks blocks) {
    double[] squares = new double[ParallelBlocks.count(sum.length())];
    blocks.run(sum.length(), (block, from, to) -> {
      for (long start = from; start < to; start += TILE_LENGTH) {
        long end = Math.min(to, start + TILE_LENGTH);
        if (summands.size() > 1) {
          LOOPS.add(summands, sum, start, end);
        }
        squares[block] += LOOPS.squares(sum, start, end);
      }
    });
    double total = 0;
    for (double each : squares) {
      total += each;
    }
    return total;
  }
}
