package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.product.Arithmetic.WeightGradient;
import io.sparkformer.model.kernel.cpu.memory.Buffer;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.Int8Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code weights += outputGradient^T x} of 8-bit integers. Here the sum runs over rows, whose scales differ, so they cannot be taken out
 * of it: the product of both rows' scales goes into the rows of the gradient, relative to the largest of its group of rows, and these are
 * rounded once more, stochastically, in place. Meanwhile every {@code x} is packed, once.
 */
final class Int8WeightGradients {
  /** Sums of one part, about as many as stay in a core's cache until they are added. */
  private static final int PART_ELEMENTS = 1 << 17;
  /** Fewest outputs of one part. */
  private static final int FEWEST_OUTPUTS = 64;
  /** Most outputs of one part. */
  private static final int MOST_OUTPUTS = 256;
  /** Most rows with a scale in common. */
  private static final int GROUP = 1024;

  /** Of each gradient made at once. */
  private final List<Buffer> packedInputs = new ArrayList<>();

  void add(Team team, WeightGradient... gradients) {
    while (packedInputs.size() < gradients.length) {
      packedInputs.add(new Buffer());
    }
    Job[] jobs = IntStream.range(0, gradients.length).mapToObj(i -> Job.of(gradients[i], packedInputs.get(i))).toArray(Job[]::new);
    team.run(Arrays.stream(jobs).mapToInt(Job::preparations).toArray(), (which, part) -> jobs[which].prepare(part));
    team.run(Arrays.stream(jobs).mapToInt(job -> job.parts().count()).toArray(), (which, part) -> jobs[which].add(part));
  }

  /**
   * One gradient.
   *
   * @param groups of rows, of a multiple of {@link Int8Operand#PADDING} but for the last
   * @param packed where the groups of {@code x} are packed
   * @param factors of rows: the product of both scales
   * @param largest factor of each group
   */
  private record Job(Int8Operand dy, Int8Operand x, Matrix weights, RowBlocks parts, RowBlocks groups, RowBlocks blocks, Floats packed,
      float[] factors, float[] largest) {
    static Job of(WeightGradient gradient, Buffer memory) {
      Int8Operand dy = (Int8Operand) gradient.outputGradient();
      Int8Operand x = (Int8Operand) gradient.x();
      RowBlocks groups = RowBlocks.of(dy.rows(), GROUP, Int8Operand.PADDING);
      float[] factors = new float[dy.rows()];
      float[] largest = new float[groups.count()];
      for (int group = 0; group < groups.count(); group++) {
        int start = groups.start(group);
        largest[group] = Int8Rows.multiplyScales(dy.bytes(), dy.scaleOffset() + start, x.bytes(), x.scaleOffset() + start, factors, start,
            groups.end(group) - start);
      }
      dy.clearPadding();
      int outputs = Math.max(FEWEST_OUTPUTS, Math.min(MOST_OUTPUTS, PART_ELEMENTS / x.columns()));
      return new Job(dy, x, gradient.weights(), RowBlocks.even(gradient.weights().rows(), outputs), groups, RowBlocks.of(dy.rows()),
          memory.floats(groups.count() * packedFloats(x.columns())), factors, largest);
    }

    /** Of the largest group. */
    private static long packedFloats(int columns) {
      return (Primitives.int8().packedBytes(GROUP, columns) + Float.BYTES - 1) / Float.BYTES;
    }

    int preparations() {
      return groups.count() + blocks.count();
    }

    void prepare(int part) {
      if (part < groups.count()) {
        pack(part);
      } else {
        rescale(part - groups.count());
      }
    }

    private void pack(int group) {
      Primitives.int8().reorder(new Primitives.Packing(rows(group), x.columns(), x.stride(), 1), x.address(groups.start(group), 0),
          packed(group));
    }

    /** Rows of a group, padding included. */
    private int rows(int group) {
      return Int8Operand.padded(groups.end(group) - groups.start(group));
    }

    private long packed(int group) {
      return packed.address() + Float.BYTES * group * packedFloats(x.columns());
    }

    private void rescale(int block) {
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
      int output = parts.start(part);
      Matrix some = weights.rows(output, parts.end(part));
      Matrix sums = ThreadScratch.get().tail.matrix(some.rows(), some.columns());
      for (int group = 0; group < groups.count(); group++) {
        Primitives.int8().multiply(new Primitives.Product(some.rows(), some.columns(), rows(group), Primitives.Source.TRANSPOSED,
            dy.stride(), sums.stride(), Primitives.Sum.NEW), dy.address(groups.start(group), output), packed(group),
            sums.memory().address());
        for (int i = 0; i < some.rows(); i++) {
          Int8Rows.addScaled(sums.bytes(), sums.place(i, 0), largest[group], some.bytes(), some.place(i, 0), some.columns());
        }
      }
    }
  }
}
