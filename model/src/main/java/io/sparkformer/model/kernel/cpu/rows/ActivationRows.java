package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import java.nio.ByteBuffer;

/** Rows through an activation function and back; each function has loops of its own. */
public final class ActivationRows {
  private static final DerivativeLoops RELU = new DerivativeLoops((x, at, y, columns) -> { }, ReluRows::derivative);
  private static final DerivativeLoops GELU = new DerivativeLoops(GeluRows::exponentials, GeluRows::derivative);
  private static final DerivativeLoops GELU_TANH = new DerivativeLoops(TanhGeluRows::exponentials, TanhGeluRows::derivative);
  private static final DerivativeLoops SILU = new DerivativeLoops(SiluRows::exponentials, SiluRows::derivative);
  private static final DerivativeLoops TANH = new DerivativeLoops(TanhRows::exponentials, TanhRows::derivative);

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

  /** {@code y = activation(x)}, {@code slope = activation'(x)} of row {@code i}; {@code x} has its bias. */
  static void derivative(Activation activation, Matrix x, int i, float[] y, float[] slope) {
    DerivativeLoops loops = switch (activation) {
      case RELU -> RELU;
      case GELU -> GELU;
      case GELU_TANH -> GELU_TANH;
      case SILU -> SILU;
      case TANH -> TANH;
    };
    loops.exponentials.run(x.bytes(), x.place(i, 0), slope, x.columns());
    loops.derivative.run(x.bytes(), x.place(i, 0), y, slope, x.columns());
  }

  /** {@code gradient *= activation'(x)}; {@code x} has its bias. */
  public static void backward(Activation activation, Matrix gradient, Matrix x) {
    ThreadScratch scratch = ThreadScratch.get();
    float[] y = scratch.activated(x.columns());
    float[] slope = scratch.slopes(x.columns());
    for (int i = 0; i < x.rows(); i++) {
      derivative(activation, x, i, y, slope);
      GateRows.multiply(gradient.bytes(), gradient.place(i, 0), slope, gradient.columns());
    }
  }

  /** The loop of one row forward. */
  private interface ForwardRow {
    void run(ByteBuffer x, int at, ByteBuffer bias, int biasAt, ByteBuffer y, int yAt, int columns);
  }

  /** The loops of one row for a function and its derivative: the JIT compiler does not inline all of it into one. */
  private record DerivativeLoops(ExponentialRow exponentials, DerivativeRow derivative) {}

  /** The exponentials that a function and its derivative are made of. */
  private interface ExponentialRow {
    void run(ByteBuffer x, int at, float[] y, int columns);
  }

  /** Both, where {@code slope} holds the exponentials. */
  private interface DerivativeRow {
    void run(ByteBuffer x, int at, float[] y, float[] slope, int columns);
  }
}
