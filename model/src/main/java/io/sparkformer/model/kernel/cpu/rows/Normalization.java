package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;

/** A norm with its parameters; a norm without bias has one of zeros. */
public final class Normalization {
  private final NormConfig.Kind kind;
  private final float epsilon;
  private final Matrix gain;
  private final Matrix bias;
  /** Null where they are not trained. */
  private final Matrix gainGradient;
  private final Matrix biasGradient;

  /** @param weights whose gradients may be null */
  public Normalization(NormWeights weights, NormConfig config) {
    this.kind = config.kind();
    this.epsilon = (float) config.epsilon();
    this.gain = Matrix.of(weights.gain().value());
    this.bias = weights.bias() == null ? Matrix.zeros(1, gain.columns()) : Matrix.of(weights.bias().value());
    this.gainGradient = Matrix.ofGradient(weights.gain());
    this.biasGradient = Matrix.ofGradient(weights.bias());
  }

  /**
   * Rows on their way through a norm, and what its backward pass needs of them.
   *
   * @param rows {@code [tokens, width]}: before {@link #forward} of a row, room for what is to be normalized; then the normalized row
   * @param inverse {@code [1, tokens]}: what each row was multiplied by
   */
  public record Normalized(Matrix rows, Matrix inverse) {}

  /** Memory for the rows of a pass, which in inference is that of its result. */
  public Normalized memory(HostMemory memory, Pass pass, Matrix result) {
    return new Normalized(pass.isTraining() ? memory.matrix(result.rows(), result.columns()) : result, memory.matrix(1, result.rows()));
  }

  /** Normalizes row {@code i} of {@code x} to row {@code i} of {@code y}; {@code lanes} is scratch memory. */
  public void forward(Matrix x, int i, Normalized normalized, Matrix y, float[] lanes) {
    float inverse = NormRows.forward(kind, x, i, gain, bias, epsilon, normalized.rows(), y, lanes);
    Lanes.put(inverse, normalized.inverse().bytes(), normalized.inverse().place(0, i));
  }

  /** Partial sums of the gradients of gain and bias, side by side. */
  public ColumnSums sums(RowBlocks blocks) {
    return new ColumnSums(blocks.count(), 2 * gain.columns());
  }

  /** Row {@code i} of the gradient, which is in a block; {@code dy} and {@code dx} may be the same. */
  public void backward(Matrix dy, int i, Normalized normalized, ColumnSums sums, int block, Matrix dx, float[] lanes) {
    float inverse = Lanes.at(normalized.inverse().bytes(), normalized.inverse().place(0, i));
    NormRows.backward(kind, dy, normalized.rows(), i, gain, inverse, dx, sums.partial(), sums.place(block), lanes);
  }

  /** Adds the sums to the gradients of gain and bias, those that are trained. */
  public void addParameterGradients(ColumnSums sums) {
    sums.addTo(gainGradient, 0);
    sums.addTo(biasGradient, gain.columns());
  }
}
