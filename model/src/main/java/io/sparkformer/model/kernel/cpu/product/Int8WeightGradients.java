package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.product.Arithmetic.WeightGradient;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.Int8Rows;
import java.util.Arrays;

/**
 * {@code weights += outputGradient^T x} of 8-bit integers. Here the sum runs over rows, whose scales differ, so they cannot be taken out
 * of it: the product of both rows' scales goes into the rows of the gradient, relative to the largest of its group of rows, and these are
 * rounded once more, stochastically, in place.
 */
final class Int8WeightGradients {
  /** Outputs of one part. */
  private static final int PART = 256;
  /** Inputs whose sums are made and added together, in a core's cache. */
  private static final int PIECE = 512;
  /** Rows with a scale in common. */
  private static final int GROUP = 1024;

  private Int8WeightGradients() {}

  static void add(Team team, WeightGradient... gradients) {
    Job[] jobs = Arrays.stream(gradients).map(Job::of).toArray(Job[]::new);
    team.run(Arrays.stream(jobs).mapToInt(job -> job.blocks().count()).toArray(), (which, block) -> jobs[which].rescale(block));
    team.run(Arrays.stream(jobs).mapToInt(job -> job.parts().count()).toArray(), (which, part) -> jobs[which].add(part));
  }

  /**
   * One gradient.
   *
   * @param factors of rows: the product of both scales
   * @param largest factor of each group
   */
  private record Job(Int8Operand dy, Int8Operand x, Matrix weights, RowBlocks parts, RowBlocks groups, RowBlocks blocks, float[] factors,
      float[] largest) {
    static Job of(WeightGradient gradient) {
      Int8Operand dy = (Int8Operand) gradient.outputGradient();
      Int8Operand x = (Int8Operand) gradient.x();
      RowBlocks groups = RowBlocks.of(dy.rows(), GROUP);
      float[] factors = new float[dy.rows()];
      float[] largest = new float[groups.count()];
      for (int group = 0; group < groups.count(); group++) {
        int start = groups.start(group);
        largest[group] = Int8Rows.multiplyScales(dy.bytes(), dy.scaleOffset() + start, x.bytes(), x.scaleOffset() + start, factors, start,
            groups.end(group) - start);
      }
      return new Job(dy, x, gradient.weights(), RowBlocks.even(gradient.weights().rows(), PART), groups, RowBlocks.of(dy.rows()), factors,
          largest);
    }

    void rescale(int block) {
      int group = 0;
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        while (i >= groups.end(group)) {
          group++;
        }
        float factor = largest[group] == 0 ? 0 : factors[i] / largest[group];
        Int8Rows.rescale(dy.bytes(), dy.place(i, 0), factor, Int8Operand.key(factor), dy.bytes(), dy.place(i, 0), dy.columns());
      }
    }

    void add(int part) {
      int from = parts.start(part);
      Matrix some = weights.rows(from, parts.end(part));
      for (int group = 0; group < groups.count(); group++) {
        for (int column = 0; column < some.columns(); column += PIECE) {
          add(group, from, column, some.columns(column, Math.min(some.columns(), column + PIECE)));
        }
      }
    }

    private void add(int group, int output, int input, Matrix piece) {
      int start = groups.start(group);
      Matrix sums = ThreadScratch.get().tail.matrix(piece.rows(), piece.columns());
      Int8Products.productOfTransposed(new Int8Products.Bytes(dy.address(start, output), dy.stride()),
          new Int8Products.Bytes(x.address(start, input), x.stride()), groups.end(group) - start, sums);
      for (int i = 0; i < piece.rows(); i++) {
        Int8Rows.addScaled(sums.bytes(), sums.place(i, 0), largest[group], piece.bytes(), piece.place(i, 0), piece.columns());
      }
    }
  }
}
