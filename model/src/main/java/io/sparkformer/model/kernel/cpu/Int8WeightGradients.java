package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.cpu.Arithmetic.WeightGradient;

/**
 * {@code weights += outputGradient^T x} of 8-bit integers. Here the sum runs over rows, whose scales differ, so they cannot be taken out
 * of it: the product of both rows' scales goes into the rows of the gradient, relative to the largest of its group of rows, and these are
 * rounded once more, stochastically.
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
    int[] first = new int[gradients.length + 1];
    for (int i = 0; i < gradients.length; i++) {
      jobs[i] = Job.of(gradients[i]);
      first[i + 1] = first[i] + jobs[i].parts().count();
    }
    team.run(first[gradients.length], part -> {
      int which = 0;
      while (part >= first[which + 1]) {
        which++;
      }
      jobs[which].run(part - first[which]);
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

    void run(int part) {
      int from = parts.start(part);
      int to = parts.end(part);
      Matrix some = weights.rows(from, to);
      for (int group = 0; group < groups.count(); group++) {
        int start = groups.start(group);
        int rows = groups.end(group) - start;
        Floats rescaled = ThreadScratch.get().transposed.floats(((long) rows * some.rows() + Float.BYTES - 1) / Float.BYTES);
        for (int i = 0; i < rows; i++) {
          Int8Rows.rescale(dy.bytes(), dy.place(start + i, from), factors[start + i], Int8Operand.key(factors[start + i]) + from,
              rescaled.bytes(), i * some.rows(), some.rows());
        }
        for (int column = 0; column < some.columns(); column += PIECE) {
          addPiece(rescaled, start, rows, column, some.columns(column, Math.min(some.columns(), column + PIECE)), largest[group]);
        }
      }
    }

    private void addPiece(Floats rescaled, int start, int rows, int column, Matrix piece, float scale) {
      Matrix sums = ThreadScratch.get().tail.matrix(piece.rows(), piece.columns());
      Int8Products.productOfTransposed(new Int8Products.Bytes(rescaled.address(), piece.rows()),
          new Int8Products.Bytes(x.address(start, column), x.stride()), rows, sums);
      for (int i = 0; i < piece.rows(); i++) {
        Int8Rows.addScaled(sums.bytes(), sums.place(i, 0), scale, piece.bytes(), piece.place(i, 0), piece.columns());
      }
    }
  }
}
