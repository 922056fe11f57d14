package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.Team;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How long a typical product of a layer takes on one core of this processor, in float32 and in bfloat16. Measured once in a process, in a
 * few milliseconds; the shortest of several times counts, so that other work on the machine changes little.
 */
public record ProductTimes(double float32Millis, double bfloat16Millis) {
  private static final int ROWS = 192;
  private static final int INNER = 512;
  private static final int COLUMNS = 256;
  private static final int ROUNDS = 7;
  /** Rounding activations and packing weights costs something too, and a measurement is never exact. */
  private static final double LEAST_GAIN = 1.1;

  /** Measured when it is first asked for. */
  private static final class Here {
    static final ProductTimes TIMES = measure();
  }

  /** Needs {@link InstructionSet#AVX512_BF16} or {@link InstructionSet#AMX_BF16}. */
  public static ProductTimes here() {
    return Here.TIMES;
  }

  /** By more than rounding and packing cost. */
  public boolean bfloat16IsFaster() {
    return float32Millis > LEAST_GAIN * bfloat16Millis;
  }

  /** For the log. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "a product of %d x %d and %d x %d takes %.3f ms in bfloat16, %.3f ms in float32", ROWS, INNER, INNER,
        COLUMNS, bfloat16Millis, float32Millis);
  }

  private static ProductTimes measure() {
    Team.useOneThread();
    // Zeros, and not what memory held before: numbers close to 0 would be multiplied slowly.
    Matrix x = Matrix.zeros(ROWS, INNER);
    Matrix weights = Matrix.zeros(COLUMNS, INNER);
    Matrix out = Matrix.zeros(ROWS, COLUMNS);
    Primitives primitives = Primitives.bfloat16();
    Matrix packed = Matrix.zeros(1, (int) (primitives.packedBytes(INNER, COLUMNS) / Float.BYTES) + 1);
    Primitives.Product product = new Primitives.Product(ROWS, COLUMNS, INNER, INNER, COLUMNS, Primitives.Sum.NEW);
    Runnable float32 = () -> Products.productWithTransposed(x, weights, out);
    Runnable bfloat16 = () -> primitives.multiply(product, x.memory().address(), packed.memory().address(), out.memory().address());
    ProductTimes shortest = times(float32, bfloat16, System::nanoTime);
    for (Matrix each : new Matrix[] {x, weights, out, packed}) {
      each.memory().free();
    }
    return shortest;
  }

  /** The first round, in which oneDNN makes its kernels, does not count. */
  static ProductTimes times(Runnable float32, Runnable bfloat16, LongSupplier nanoClock) {
    float32.run();
    bfloat16.run();
    long shortestFloat32 = Long.MAX_VALUE;
    long shortestBfloat16 = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = nanoClock.getAsLong();
      float32.run();
      long between = nanoClock.getAsLong();
      bfloat16.run();
      long end = nanoClock.getAsLong();
      shortestFloat32 = Math.min(shortestFloat32, between - start);
      shortestBfloat16 = Math.min(shortestBfloat16, end - between);
    }
    return new ProductTimes(shortestFloat32 / 1e6, shortestBfloat16 / 1e6);
  }
}
