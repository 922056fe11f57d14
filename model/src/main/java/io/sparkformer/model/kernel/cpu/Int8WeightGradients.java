package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.cpu.Arithmetic.WeightGradient;

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
    Job[] jobs = new Job[gradients.length];
    for (int i = 0; i < gradients.length; i++) {
      jobs[i] = Job.of(gradients[i]);
      jobs[i].rescale(team);
    }
    int[] first = new int[gradients.length + 1];
    for (int i = 0; i < gradients.length; i++) {
      first[i + 1] = first[i] + jobs[i].parts().count();
    }
    team.run(first[gradients.length], part -> {
      int which = 0;
      while (part >= first[which + 1]) {
        which++;
      }
      jobs[which].add(part - first[which]);
    });
  }

  /**
   * One gradient.
   *
   * @param factors of rows: the product of both scales relative to the largest of the row's group
   * @param largest of each group
   */
  private record Job(Int8Operand dy, Int8Operand x, Matrix weights, RowBlocks parts, RowBlocks groups, float[] factors, float[] largest) {
    static Job of(WeightGradient gradient) {
      Int8Operand dy = (Int8Operand) gradient.outputGradient();
      Int8Operand x = (Int8Operand) gradient.x();
      RowBlocks groups = RowBlocks.of(dy.rows(), GROUP);
      float[] factors = new float[dy.rows()];
      float[] largest = new float[groups.count()];
      for (int group = 0; group < groups.count(); group++) {
        for (int i = groups.start(group); i < groups.end(group); i++) {
          factors[i] = dy.scale(i) * x.scale(i);
          largest[group] = Math.max(largest[group], factors[i]);
        }
        for (int i = groups.start(group); i < groups.end(group); i++) {
          factors[i] = largest[group] == 0 ? 0 : factors[i] / largest[group];
        }
      }
      return new Job(dy, x, gradient.weights(), RowBlocks.even(gradient.weights().rows(), PART), groups, factors, largest);
    }

    void rescale(Team team) {
      RowBlocks blocks = RowBlocks.of(dy.rows());
      team.run(blocks.count(), block -> {
        for (int i = blocks.start(block); i < blocks.end(block); i++) {
          Int8Rows.rescale(dy.bytes(), dy.place(i, 0), factors[i], Int8Operand.key(factors[i]), dy.bytes(), dy.place(i, 0), dy.columns());
        }
      });
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
