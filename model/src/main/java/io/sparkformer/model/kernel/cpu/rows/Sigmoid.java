package io.sparkformer.model.kernel.cpu.rows;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The logistic function {@code 1 / (1 + exp(-x))}, its derivative, and the hyperbolic tangent, to a few units in the last place. Like
 * those of {@link Lanes}, functions of vectors have scalar twins that give the same bits.
 */
final class Sigmoid {
  /** Below, the hyperbolic tangent is a polynomial. Coefficients as in Cephes. */
  private static final float TANH_SMALL = 0.625f;

  private Sigmoid() {}

  /** {@code exp(-|x|)}, which the other functions are given. */
  static FloatVector exponential(FloatVector x) {
    return Lanes.exp(x.abs().neg());
  }

  static float exponential(float x) {
    return Lanes.exp(-Math.abs(x));
  }

  /** {@code 1 / (1 + exp(-|x|))}, given {@code exp(-|x|)}. */
  static FloatVector inverse(FloatVector exponential) {
    return FloatVector.broadcast(Lanes.F, 1f).div(exponential.add(1f));
  }

  static float inverse(float exponential) {
    return 1f / (exponential + 1f);
  }

  /** {@code 1 / (1 + exp(-x))}, given {@code exp(-|x|)} and {@link #inverse} of it. */
  static FloatVector of(FloatVector x, FloatVector exponential, FloatVector inverse) {
    return inverse.blend(exponential.mul(inverse), x.compare(VectorOperators.LT, 0f));
  }

  static float of(float x, float exponential, float inverse) {
    return x < 0 ? exponential * inverse : inverse;
  }

  /** The derivative of the logistic function, given {@code exp(-|x|)} and {@link #inverse} of it. */
  static FloatVector slope(FloatVector exponential, FloatVector inverse) {
    return exponential.mul(inverse).mul(inverse);
  }

  static float slope(float exponential, float inverse) {
    return exponential * inverse * inverse;
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector square = x.mul(x);
    FloatVector p = FloatVector.broadcast(Lanes.F, -5.70498872745e-3f);
    p = p.fma(square, FloatVector.broadcast(Lanes.F, 2.06390887954e-2f));
    p = p.fma(square, FloatVector.broadcast(Lanes.F, -5.37397155531e-2f));
    p = p.fma(square, FloatVector.broadcast(Lanes.F, 1.33314422036e-1f));
    p = p.fma(square, FloatVector.broadcast(Lanes.F, -3.33332819422e-1f));
    FloatVector small = p.mul(square).fma(x, x);
    FloatVector exponential = exponential(x.mul(2f));
    FloatVector large = FloatVector.broadcast(Lanes.F, 1f).sub(exponential).div(exponential.add(1f));
    large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
    return large.blend(small, x.abs().compare(VectorOperators.LT, TANH_SMALL));
  }

  static float tanh(float x) {
    if (Math.abs(x) < TANH_SMALL) {
      float square = x * x;
      float p = -5.70498872745e-3f;
      p = Math.fma(p, square, 2.06390887954e-2f);
      p = Math.fma(p, square, -5.37397155531e-2f);
      p = Math.fma(p, square, 1.33314422036e-1f);
      p = Math.fma(p, square, -3.33332819422e-1f);
      return Math.fma(p * square, x, x);
    }
    float exponential = exponential(x * 2f);
    float large = (1f - exponential) / (exponential + 1f);
    return x < 0 ? -large : large;
  }
}
