package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import java.nio.ByteBuffer;

/** Rows through an activation function and back; each function has loops of its own. */
public final class ActivationRows {
  private ActivationRows() {}

  /** {@code x += bias}, {@code y = activation(x)}: {@code x} and {@code y [rows, columns]}, {@code bias [1, columns]}. */
  public static void forward(Activation activation, Matrix x, Matrix bias, Matrix y) {
    ForwardRow row = switch (activation) {
      case RELU -> ReluRows::forward;
      case GELU -> GeluRows::forward;
      case GELU_TANH -> TanhGeluRows::forward;
      case SILU -> SiluRows::forward;
      case TANH -> TanhRows::forward;
    };
    for (int i = 0; i < x.rows(); i++) {
      row.run(x.bytes(), x.place(i, 0), bias.bytes(), bias.offset(), y.bytes(), y.place(i, 0), x.columns());
    }
  }

  /** {@code y = activation(x)}, {@code slope = activation'(x)}; {@code x} has its bias. */
  static void derivative(Activation activation, Matrix x, Matrix y, Matrix slope) {
    DerivativeRow row = switch (activation) {
      case RELU -> ReluRows::derivative;
      case GELU -> GeluRows::derivative;
      case GELU_TANH -> TanhGeluRows::derivative;
      case SILU -> SiluRows::derivative;
      case TANH -> TanhRows::derivative;
    };
    for (int i = 0; i < x.rows(); i++) {
      row.run(x.bytes(), x.place(i, 0), y.bytes(), y.place(i, 0), slope.bytes(), slope.place(i, 0), x.columns());
    }
  }

  /** {@code gradient *= activation'(x)}; {@code x} has its bias. */
  public static void backward(Activation activation, Matrix gradient, Matrix x) {
    Matrix y = ThreadScratch.get().activated.matrix(1, x.columns());
    Matrix slope = ThreadScratch.get().slopes.matrix(1, x.columns());
    for (int i = 0; i < x.rows(); i++) {
      derivative(activation, x.rows(i, i + 1), y, slope);
      GateRows.multiply(gradient.rows(i, i + 1), slope);
    }
  }

  /** The loop of one row forward. */
  private interface ForwardRow {
    void run(ByteBuffer x, int at, ByteBuffer bias, int biasAt, ByteBuffer y, int yAt, int columns);
  }

  /** The loop of one row that the backward pass makes. */
  private interface DerivativeRow {
    void run(ByteBuffer x, int at, ByteBuffer y, int yAt, ByteBuffer slope, int slopeAt, int columns);
  }
}
