package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.product.Arithmetic.WeightGradient;
import io.sparkformer.model.kernel.cpu.memory.Buffer;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code weights += outputGradient^T x} in bfloat16. First every {@code x} is packed, once; then each part of the outputs has its columns
 * of the gradient transposed, in its core's cache, and multiplied: oneDNN is fastest when it need do neither itself.
 */
final class Bfloat16WeightGradients {
  /** Outputs of one part. */
  private static final int PART = 256;

  /** Of each gradient made at once. */
  private final List<Buffer> packedInputs = new ArrayList<>();

  void add(Team team, WeightGradient... gradients) {
    while (packedInputs.size() < gradients.length) {
      packedInputs.add(new Buffer());
    }
    long[] inputs = new long[gradients.length];
    team.run(gradients.length, i -> {
      ((Bfloat16Operand) gradients[i].outputGradient()).clearPadding();
      inputs[i] = packed((Bfloat16Operand) gradients[i].x(), packedInputs.get(i));
    });
    int[] parts = Arrays.stream(gradients).mapToInt(gradient -> parts(gradient).count()).toArray();
    team.run(parts, (which, part) -> add(gradients[which], part, inputs[which]));
  }

  private static RowBlocks parts(WeightGradient gradient) {
    return RowBlocks.of(gradient.weights().rows(), PART);
  }

  /** The address of {@code x [padded rows, columns]} in the layout of a product's second matrix. */
  private static long packed(Bfloat16Operand x, Buffer memory) {
    x.clearPadding();
    int rows = Bfloat16Operand.padded(x.rows());
    if (rows == 0) {
      return 0;
    }
    Primitives primitives = Primitives.bfloat16();
    if (primitives.isPlain(rows, x.columns()) && x.stride() == x.columns()) {
      return x.address(0, 0);
    }
    long packed = memory.floats((primitives.packedBytes(rows, x.columns()) + Float.BYTES - 1) / Float.BYTES).address();
    primitives.reorder(new Primitives.Packing(rows, x.columns(), x.stride(), 1), x.address(0, 0), packed);
    return packed;
  }

  private static void add(WeightGradient gradient, int part, long input) {
    Bfloat16Operand dy = (Bfloat16Operand) gradient.outputGradient();
    int inner = Bfloat16Operand.padded(dy.rows());
    if (inner == 0) {
      return;
    }
    RowBlocks parts = parts(gradient);
    Matrix weights = gradient.weights().rows(parts.start(part), parts.end(part));
    Primitives primitives = Primitives.bfloat16();
    long transposed = ThreadScratch.get().transposed.floats(((long) weights.rows() * inner + 1) / 2).address();
    primitives.reorder(new Primitives.Transposition(inner, weights.rows(), dy.stride()), dy.address(0, parts.start(part)), transposed);
    primitives.multiply(
        new Primitives.Product(weights.rows(), weights.columns(), inner, inner, weights.stride(), Primitives.Sum.ADDED), transposed, input,
        weights.memory().address() + (long) Float.BYTES * weights.offset());
  }
}
