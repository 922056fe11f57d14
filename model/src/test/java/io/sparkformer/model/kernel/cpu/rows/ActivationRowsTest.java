package io.sparkformer.model.kernel.cpu.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Activation functions against Java's, in double precision; the portable kernels are compared in {@code CpuKernelsTest}. */
class ActivationRowsTest {
  private static final int VALUES = 200_000;

  /** Numbers of all magnitudes, up to 20. */
  private static float[] numbers() {
    Random random = new Random(4);
    float[] numbers = new float[VALUES / Lanes.COUNT * Lanes.COUNT];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (20 * (2 * random.nextDouble() - 1) * Math.pow(10, -random.nextInt(6)));
    }
    return numbers;
  }

  /** In units of the last place of the exact value. */
  private static double error(float found, double exact) {
    return Math.abs(found - exact) / Math.ulp((float) exact);
  }

  private interface VectorFunction {
    FloatVector of(FloatVector x);
  }

  private interface ScalarFunction {
    float of(float x);
  }

  private static void assertAccurate(VectorFunction vector, ScalarFunction scalar, DoubleUnaryOperator exact, double ulps) {
    float[] numbers = numbers();
    float[] found = new float[Lanes.COUNT];
    double largest = 0;
    for (int i = 0; i < numbers.length; i += Lanes.COUNT) {
      vector.of(FloatVector.fromArray(Lanes.F, numbers, i)).intoArray(found, 0);
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        float x = numbers[i + lane];
        if (Float.floatToRawIntBits(found[lane]) != Float.floatToRawIntBits(scalar.of(x))) {
          assertThat(scalar.of(x)).as("tail at %s", x).isEqualTo(found[lane]);
        }
        largest = Math.max(largest, error(found[lane], exact.applyAsDouble(x)));
      }
    }
    assertThat(largest).isLessThan(ulps);
  }

  @Test
  void tanhIsAccurateToAFewUnits() {
    assertAccurate(x -> tanh(x), x -> tanh(x), Math::tanh, 4);
  }

  @Test
  void sigmoidIsAccurateToAFewUnits() {
    assertAccurate(x -> sigmoid(x), x -> sigmoid(x), x -> 1 / (1 + Math.exp(-x)), 4);
    assertAccurate(x -> Sigmoid.slope(Sigmoid.exponential(x), Sigmoid.inverse(Sigmoid.exponential(x))),
        x -> Sigmoid.slope(Sigmoid.exponential(x), Sigmoid.inverse(Sigmoid.exponential(x))),
        x -> 1 / (2 + Math.exp(x) + Math.exp(-x)), 6);
  }

  private static FloatVector tanh(FloatVector x) {
    return Sigmoid.tanh(x, Sigmoid.exponential(x.add(x)));
  }

  private static float tanh(float x) {
    return Sigmoid.tanh(x, Sigmoid.exponential(x + x));
  }

  private static FloatVector sigmoid(FloatVector x) {
    FloatVector exponential = Sigmoid.exponential(x);
    return Sigmoid.of(x, exponential, Sigmoid.inverse(exponential));
  }

  private static float sigmoid(float x) {
    float exponential = Sigmoid.exponential(x);
    return Sigmoid.of(x, exponential, Sigmoid.inverse(exponential));
  }

  @Test
  void functionsSaturateAndPassNaNsOn() {
    assertThat(tanh(1e30f)).isEqualTo(1);
    assertThat(tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(sigmoid(-1e30f)).isZero();
    assertThat(sigmoid(1e30f)).isEqualTo(1);
    assertThat(tanh(Float.NaN)).isNaN();
    assertThat(tanh(FloatVector.broadcast(Lanes.F, Float.NaN)).lane(0)).isNaN();
  }

  private static double phi(double x) {
    return 0.5 * (1 + erf(x / Math.sqrt(2)));
  }

  /** By its series, whose terms fall fast enough for |x| below 5. */
  private static double erf(double x) {
    if (Math.abs(x) > 5) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  private static double exact(Activation activation, double x) {
    return switch (activation) {
      case RELU -> Math.max(0, x);
      case GELU -> x * phi(x);
      case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case SILU -> x / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
    };
  }

  private static double slope(Activation activation, double x) {
    if (activation == Activation.GELU) {
      return phi(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }
    double step = 1e-5;
    return (exact(activation, x + step) - exact(activation, x - step)) / (2 * step);
  }

  @ParameterizedTest
  @EnumSource
  void activationsAndTheirSlopesAreThoseOfTheFormulas(Activation activation) {
    int columns = 40 * Lanes.COUNT + 5;
    Matrix x = Matrix.zeros(2, columns);
    Matrix bias = Matrix.zeros(1, columns);
    Matrix y = Matrix.zeros(2, columns);
    Matrix gradient = Matrix.zeros(2, columns);
    Random random = new Random(6);
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < columns; j++) {
        Lanes.put((float) (3 * random.nextGaussian()), x.bytes(), x.place(i, j));
        Lanes.put(0.25f, bias.bytes(), bias.place(0, j));
        Lanes.put(2, gradient.bytes(), gradient.place(i, j));
      }
    }
    Matrix before = Matrix.zeros(2, columns);
    DropoutRows.copyRow(x, before, 0);
    DropoutRows.copyRow(x, before, 1);
    ActivationRows.forward(activation, x, bias, y);
    ActivationRows.backward(activation, gradient, x);
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < columns; j++) {
        float sum = Lanes.at(before.bytes(), before.place(i, j)) + 0.25f;
        assertThat(Lanes.at(x.bytes(), x.place(i, j))).isEqualTo(sum);
        double scale = Math.max(1, Math.abs(sum));
        assertThat((double) Lanes.at(y.bytes(), y.place(i, j))).as("at %s", sum).isCloseTo(exact(activation, sum), within(3e-7 * scale));
        assertThat((double) Lanes.at(gradient.bytes(), gradient.place(i, j))).as("slope at %s", sum)
            .isCloseTo(2 * slope(activation, sum), within(2e-6 * scale));
      }
    }
  }
}
