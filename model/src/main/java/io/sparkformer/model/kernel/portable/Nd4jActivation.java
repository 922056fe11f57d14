package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The functions of {@link Activation} and their derivatives, elementwise, into new arrays. */
final class Nd4jActivation {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);
  private static final double SQRT_2_BY_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  private Nd4jActivation() {}

  static INDArray of(Activation activation, INDArray x) {
    return switch (activation) {
      case RELU -> Transforms.relu(x, true);
      case GELU -> normalDistribution(x).muli(x);
      case GELU_TANH -> innerTanh(x).addi(1).muli(x).muli(0.5);
      case SILU -> Transforms.sigmoid(x, true).muli(x);
      case TANH -> Transforms.tanh(x, true);
    };
  }

  static INDArray derivative(Activation activation, INDArray x) {
    return switch (activation) {
      case RELU -> x.gt(0).castTo(x.dataType());
      // Phi(x) + x phi(x)
      case GELU -> Transforms.exp(x.mul(x).muli(-0.5), false).muli(DENSITY_AT_0).muli(x).addi(normalDistribution(x));
      case GELU_TANH -> tanhFormDerivative(x);
      // s + x s (1 - s)
      case SILU -> {
        INDArray sigmoid = Transforms.sigmoid(x, true);
        yield sigmoid.rsub(1).muli(x).addi(1).muli(sigmoid);
      }
      case TANH -> oneMinusSquare(Transforms.tanh(x, true));
    };
  }

  /** Phi(x), by erf. */
  private static INDArray normalDistribution(INDArray x) {
    INDArray phi = x.mul(SQRT_HALF);
    Nd4j.exec(new Erf(phi, phi));
    return phi.addi(1).muli(0.5);
  }

  /** {@code tanh(u)}, {@code u = sqrt(2 / pi) (x + 0.044715 x^3)}. */
  private static INDArray innerTanh(INDArray x) {
    return Transforms.tanh(x.mul(x).muli(CUBIC).addi(1).muli(x).muli(SQRT_2_BY_PI), false);
  }

  /** {@code (1 + tanh(u)) / 2 + x (1 - tanh(u)^2) u' / 2}. */
  private static INDArray tanhFormDerivative(INDArray x) {
    INDArray tanh = innerTanh(x);
    INDArray slope = x.mul(x).muli(3 * CUBIC).addi(1).muli(SQRT_2_BY_PI);
    return oneMinusSquare(tanh.dup()).muli(slope).muli(x).addi(tanh).addi(1).muli(0.5);
  }

  private static INDArray oneMinusSquare(INDArray x) {
    return x.muli(x).rsubi(1);
  }
}
