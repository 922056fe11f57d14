package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
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

  /** {@code gradient *= activation'(x)}; {@code x} has its bias. */
  public static void backward(Activation activation, Matrix gradient, Matrix x) {
    BackwardRow row = switch (activation) {
      case RELU -> ReluRows::backward;
      case GELU -> GeluRows::backward;
      case GELU_TANH -> TanhGeluRows::backward;
      case SILU -> SiluRows::backward;
      case TANH -> TanhRows::backward;
    };
    for (int i = 0; i < x.rows(); i++) {
      row.run(gradient.bytes(), gradient.place(i, 0), x.bytes(), x.place(i, 0), x.columns());
    }
  }

  /** The loop of one row forward. */
  private interface ForwardRow {
    void run(ByteBuffer x, int at, ByteBuffer bias, int biasAt, ByteBuffer y, int yAt, int columns);
  }

  /** The loop of one row backward. */
  private interface BackwardRow {
    void run(ByteBuffer gradient, int at, ByteBuffer x, int xAt, int columns);
  }
}
