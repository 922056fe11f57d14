package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import java.nio.ByteBuffer;

/** Rows through an activation function and back; each function has loops of its own. */
public final class ActivationRows {
  private static final RowLoop BIAS = (x, at, y, slope, other, otherAt, columns) -> BiasRows.add(other, otherAt, x, at, columns);
  private static final Loops RELU = Loops.of((x, at, y, columns) -> { }, ReluRows::value, ReluRows::derivative);
  private static final Loops GELU = Loops.of(GeluRows::exponentials, GeluRows::value, GeluRows::derivative);
  private static final Loops GELU_TANH = Loops.of(TanhGeluRows::exponentials, TanhGeluRows::value, TanhGeluRows::derivative);
  private static final Loops SILU = Loops.of(SiluRows::exponentials, SiluRows::value, SiluRows::derivative);
  private static final Loops TANH = Loops.of(TanhRows::exponentials, TanhRows::value, TanhRows::derivative);

  private ActivationRows() {}

  /** {@code x += bias}, {@code y = activation(x)}: {@code x} and {@code y [rows, columns]}, {@code bias [1, columns]} or null. */
  public static void forward(Activation activation, Matrix x, Matrix bias, Matrix y) {
    Loops loops = loops(activation);
    float[] exponentials = ThreadScratch.get().slopes(x.columns());
    for (int i = 0; i < x.rows(); i++) {
      if (bias != null) {
        run(BIAS, x, i, null, null, bias.bytes(), bias.offset());
      }
      run(loops.exponentials, x, i, null, exponentials, null, 0);
      run(loops.value, x, i, null, exponentials, y.bytes(), y.place(i, 0));
    }
  }

  /** {@code y = activation(x)}, {@code slope = activation'(x)} of row {@code i}; {@code x} has its bias. */
  static void derivative(Activation activation, Matrix x, int i, float[] y, float[] slope) {
    Loops loops = loops(activation);
    run(loops.exponentials, x, i, null, slope, null, 0);
    run(loops.derivative, x, i, y, slope, null, 0);
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

  /**
   * All loops are called from here. Since they are many, the JIT compiler inlines none of them, and compiles each by itself: together they
   * are more than it inlines, and vectors would go through the heap.
   */
  private static void run(RowLoop loop, Matrix x, int i, float[] y, float[] slope, ByteBuffer other, int otherAt) {
    loop.run(x.bytes(), x.place(i, 0), y, slope, other, otherAt, x.columns());
  }

  /** A loop of one row. */
  private interface RowLoop {
    void run(ByteBuffer x, int at, float[] y, float[] slope, ByteBuffer other, int otherAt, int columns);
  }

  /** The loops of a function: its exponentials into {@code slope}; given these its values into {@code other}, or values and slopes. */
  private record Loops(RowLoop exponentials, RowLoop value, RowLoop derivative) {
    static Loops of(ExponentialRow exponentials, ValueRow value, DerivativeRow derivative) {
      return new Loops((x, at, y, slope, other, otherAt, columns) -> exponentials.run(x, at, slope, columns),
          (x, at, y, slope, other, otherAt, columns) -> value.run(x, at, slope, other, otherAt, columns),
          (x, at, y, slope, other, otherAt, columns) -> derivative.run(x, at, y, slope, columns));
    }
  }

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
