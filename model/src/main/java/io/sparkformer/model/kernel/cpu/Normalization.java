package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Weight;

/** Layer normalization with what its backward pass needs: the normalized rows and their deviations. */
final class Normalization {
  private final Matrix gain;
  private final Matrix bias;
  private final Weight gains;
  private final Weight biases;
  private final float epsilon;
  /** Gradients of gain and bias, side by side. */
  private final ColumnSums sums = new ColumnSums();
  private final Buffer memory = new Buffer();
  private Matrix normalized;
  /** {@code 1 / sqrt(variance + epsilon)} of every row. */
  private float[] inverse = new float[0];

  Normalization(Weight gain, Weight bias, double epsilon) {
    this.gain = Matrix.of(gain.value());
    this.bias = Matrix.of(bias.value());
    this.gains = gain;
    this.biases = bias;
    this.epsilon = (float) epsilon;
  }

  void begin(int rows) {
    normalized = memory.matrix(rows, gain.columns());
    if (inverse.length < rows) {
      inverse = new float[rows];
    }
  }

  void beginBackward(int blocks) {
    sums.begin(blocks, 2 * gain.columns());
  }

  /** {@code [rows, d_model]}: before {@link Rows#forward} of a row, room for what is to be normalized. */
  Matrix normalized() {
    return normalized;
  }

  void addParameterGradients() {
    sums.addTo(Matrix.of(gains.gradient()), 0);
    sums.addTo(Matrix.of(biases.gradient()), gain.columns());
  }

  /** For the rows that one thread works on. */
  Rows rows() {
    return new Rows();
  }

  final class Rows {
    private final float[] lanes = new float[Lanes.COUNT];

    /** Normalizes row {@code i} of {@code x} to row {@code i} of {@code y}. */
    void forward(Matrix x, int i, Matrix y) {
      inverse[i] = NormRows.forward(x, i, gain, bias, epsilon, normalized, y, lanes);
    }

    void backward(Matrix dy, int i, int block, Matrix dx) {
      NormRows.backward(dy, normalized, i, gain, inverse[i], dx, sums.partial(), sums.place(block), lanes);
    }
  }
}
