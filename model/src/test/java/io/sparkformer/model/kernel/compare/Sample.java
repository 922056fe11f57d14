package io.sparkformer.model.kernel.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.kernel.Weight;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Random arrays, and the comparison of what two implementations make of them. */
public final class Sample {
  private final Random random;
  private final DoubleUnaryOperator rounding;

  public Sample(long seed) {
    this(seed, DoubleUnaryOperator.identity());
  }

  /** Values that are what {@code rounding} makes of random numbers. */
  public Sample(long seed, DoubleUnaryOperator rounding) {
    this.random = new Random(seed);
    this.rounding = rounding;
  }

  public INDArray array(long... shape) {
    return array(1, shape);
  }

  public INDArray array(double deviation, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) rounding.applyAsDouble(deviation * random.nextGaussian());
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  public INDArray ids(int vocabulary, int count) {
    return Nd4j.createFromArray(random.ints(count, 0, vocabulary).toArray());
  }

  /** Classes, of which a share is -1: those do not count. */
  public INDArray labels(int classes, int count, double share) {
    return Nd4j.createFromArray(random.ints(count, 0, classes).map(label -> random.nextDouble() < share ? -1 : label).toArray());
  }

  /** A parameter whose gradient holds something already: kernels add. */
  public Weight weight(double deviation, long... shape) {
    return new Weight(array(deviation, shape), array(0.1, shape));
  }

  /** The same values in double precision, with a gradient of its own: for the kernels that say what is right. Null for none. */
  public static Weight exact(Weight weight) {
    return weight == null ? null : new Weight(exact(weight.value()), weight.gradient() == null ? null : exact(weight.gradient()));
  }

  /** The same parameter without a gradient; null for none. */
  public static Weight frozen(Weight weight) {
    return weight == null ? null : new Weight(weight.value(), null);
  }

  /** The same values in double precision. */
  public static INDArray exact(INDArray array) {
    return array.castTo(DataType.DOUBLE);
  }

  /** Within the tolerance, relative to the largest value of the array. */
  public static void assertClose(String what, INDArray found, INDArray expected, double tolerance) {
    assertThat(found.shape()).as(what).isEqualTo(expected.shape());
    float[] values = found.reshape(found.length()).dup('c').toFloatVector();
    double[] wanted = expected.reshape(expected.length()).dup('c').toDoubleVector();
    double largest = 1e-6;
    for (double value : wanted) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < values.length; i++) {
      if (!(Math.abs(values[i] - wanted[i]) <= tolerance * largest)) {
        assertThat((double) values[i]).as("%s[%d]", what, i).isCloseTo(wanted[i], within(tolerance * largest));
      }
    }
  }
}
