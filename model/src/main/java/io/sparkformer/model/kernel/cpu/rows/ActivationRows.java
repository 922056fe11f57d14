package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import java.nio.ByteBuffer;

/** Rows through an activation function and back; each function has loops of its own. */
public final class ActivationRows {
  private static final Loops RELU = new Loops((x, at, y, columns) -> { }, ReluRows::value, ReluRows::derivative);
  private static final Loops GELU = new Loops(GeluRows::exponentials, GeluRows::value, GeluRows::derivative);
  private static final Loops GELU_TANH = new Loops(TanhGeluRows::exponentials, TanhGeluRows::value, TanhGeluRows::derivative);
  private static final Loops SILU = new Loops(SiluRows::exponentials, SiluRows::value, SiluRows::derivative);
  private static final Loops TANH = new Loops(TanhRows::exponentials, TanhRows::value, TanhRows::derivative);

  private ActivationRows() {}

  /** {@code x += bias}, {@code y = activation(x)}: {@code x} and {@code y [rows, columns]}, {@code bias [1, columns]}. */
  public static void forward(Activation activation, Matrix x, Matrix bias, Matrix y) {
    Loops loops = loops(activation);
    float[] exponentials = ThreadScratch.get().slopes(x.columns());
    for (int i = 0; i < x.rows(); i++) {
      BiasRows.add(bias.bytes(), bias.offset(), x.bytes(), x.place(i, 0), x.columns());
      loops.exponentials.run(x.bytes(), x.place(i, 0), exponentials, x.columns());
      loops.value.run(x.bytes(), x.place(i, 0), exponentials, y.bytes(), y.place(i, 0), x.columns());
    }
  }

  /** {@code y = activation(x)}, {@code slope = activation'(x)} of row {@code i}; {@code x} has its bias. */
  static void derivative(Activation activation, Matrix x, int i, float[] y, float[] slope) {
    Loops loops = loops(activation);
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

  private static Loops loops(Activation activation) {
    return switch (activation) {
      case RELU -> RELU;
      case GELU -> GELU;
      case GELU_TANH -> GELU_TANH;
      case SILU -> SILU;
      case TANH -> TANH;
    };
  }

  /** The loops of one row for a function and its derivative: in a single one there would be more than the JIT compiler inlines. */
  private record Loops(ExponentialRow exponentials, ValueRow value, DerivativeRow derivative) {}

  /** The exponentials that a function and its derivative are made of. */
  private interface ExponentialRow {
    void run(ByteBuffer x, int at, float[] y, int columns);
  }

  /** The function, given its exponentials. */
  private interface ValueRow {
    void run(ByteBuffer x, int at, float[] exponentials, ByteBuffer y, int yAt, int columns);
  }

  /** Function and derivative; {@code slope} holds the exponentials. */
  private interface DerivativeRow {
    void run(ByteBuffer x, int at, float[] y, float[] slope, int columns);
  }
}
