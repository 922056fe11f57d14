package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Loss;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;

/** The losses of rows, which stay on the device until somebody asks for their sum. Who asks waits for all that was begun before. */
final class DeviceLoss implements Supplier<Loss> {
  /** Of each row: smoothed, plain, whether the label's score is the highest. */
  private static final int NUMBERS = 3;

  private final CudaEngine engine;
  private final int rows;
  private final long address;
  private Loss sum;

  DeviceLoss(CudaEngine engine, int rows) {
    this.engine = engine;
    this.rows = rows;
    this.address = engine.heap().take(bytes());
  }

  private long bytes() {
    return (long) NUMBERS * Float.BYTES * rows;
  }

  /** Where a kernel writes the numbers of a row. */
  long address(int row) {
    return address + (long) NUMBERS * Float.BYTES * row;
  }

  @Override
  public Loss get() {
    if (sum == null) {
      sum = read();
      engine.heap().give(address);
    }
    return sum;
  }

  private Loss read() {
    float[] numbers = new float[NUMBERS * rows];
    try (FloatPointer host = new FloatPointer(Math.max(1, numbers.length))) {
      engine.queue().download(address, host, bytes());
      host.get(numbers);
    }
    double smoothed = 0;
    double plain = 0;
    long correct = 0;
    for (int i = 0; i < numbers.length; i += NUMBERS) {
      smoothed += numbers[i];
      plain += numbers[i + 1];
      correct += numbers[i + 2] > 0 ? 1 : 0;
    }
    return new Loss(smoothed, plain, rows, correct);
  }
}
