package io.sparkformer.model.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.kernel.Weight;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Random arrays, and the comparison of what two implementations make of them. */
final class Sample {
  private final Random random;
  private final DoubleUnaryOperator rounding;

  Sample(long seed) {
    this(seed, DoubleUnaryOperator.identity());
  }

  /** Values that are what {@code rounding} makes of random numbers. */
  Sample(long seed, DoubleUnaryOperator rounding) {
    this.random = new Random(seed);
    this.rounding = rounding;
  }

  INDArray array(long... shape) {
    return array(1, shape);
  }

  INDArray array(double deviation, long... shape) {
    INDArray array = Nd4j.create(DataType.FLOAT, shape, 'c');
    for (long i = 0; i < array.length(); i++) {
      array.putScalar(i, rounding.applyAsDouble(deviation * random.nextGaussian()));
    }
    return array;
  }

  INDArray ids(int vocabulary, int... shape) {
    int length = shape[0];
    return Nd4j.createFromArray(random.ints(length, 0, vocabulary).toArray());
  }

  /** A parameter whose gradient holds something already: kernels add. */
  Weight weight(double deviation, long... shape) {
    return new Weight(array(deviation, shape), array(0.1, shape));
  }

  /** The same values in double precision, with a gradient of its own: for the kernels that say what is right. */
  static Weight exact(Weight weight) {
    return new Weight(exact(weight.value()), exact(weight.gradient()));
  }

  /** The same values in double precision. */
  static INDArray exact(INDArray array) {
    return array.castTo(DataType.DOUBLE);
  }

  /** Within the tolerance, relative to the largest value of the array. */
  static void assertClose(String what, INDArray found, INDArray expected, double tolerance) {
    assertThat(found.shape()).as(what).isEqualTo(expected.shape());
    float[] values = found.reshape(found.length()).dup('c').toFloatVector();
    double[] wanted = expected.reshape(expected.length()).dup('c').toDoubleVector();
    double largest = 1e-6;
    for (double value : wanted) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < values.length; i++) {
      assertThat((double) values[i]).as("%s[%d]", what, i).isCloseTo(wanted[i], within(tolerance * largest));
    }
  }
}
