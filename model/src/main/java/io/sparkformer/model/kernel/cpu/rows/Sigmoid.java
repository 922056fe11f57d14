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
  private static final float TANH_11 = -5.70498872745e-3f;
  private static final float TANH_9 = 2.06390887954e-2f;
  private static final float TANH_7 = -5.37397155531e-2f;
  private static final float TANH_5 = 1.33314422036e-1f;
  private static final float TANH_3 = -3.33332819422e-1f;

  private static final FloatVector ALL_TANH_SMALL = Lanes.all(TANH_SMALL);
  private static final FloatVector ALL_TANH_11 = Lanes.all(TANH_11);
  private static final FloatVector ALL_TANH_9 = Lanes.all(TANH_9);
  private static final FloatVector ALL_TANH_7 = Lanes.all(TANH_7);
  private static final FloatVector ALL_TANH_5 = Lanes.all(TANH_5);
  private static final FloatVector ALL_TANH_3 = Lanes.all(TANH_3);

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
    return Lanes.ONE.div(exponential.add(Lanes.ONE));
  }

  static float inverse(float exponential) {
    return 1f / (exponential + 1f);
  }

  /** {@code 1 / (1 + exp(-x))}, given {@code exp(-|x|)} and {@link #inverse} of it. */
  static FloatVector of(FloatVector x, FloatVector exponential, FloatVector inverse) {
    return inverse.blend(exponential.mul(inverse), x.compare(VectorOperators.LT, Lanes.ZERO));
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

  /** The hyperbolic tangent, given {@code exp(-2 |x|)}. */
  static FloatVector tanh(FloatVector x, FloatVector exponential) {
    FloatVector square = x.mul(x);
    FloatVector p = ALL_TANH_11;
    p = p.fma(square, ALL_TANH_9);
    p = p.fma(square, ALL_TANH_7);
    p = p.fma(square, ALL_TANH_5);
    p = p.fma(square, ALL_TANH_3);
    FloatVector small = p.mul(square).fma(x, x);
    FloatVector large = Lanes.ONE.sub(exponential).div(exponential.add(Lanes.ONE));
    large = large.blend(large.neg(), x.compare(VectorOperators.LT, Lanes.ZERO));
    return large.blend(small, x.abs().compare(VectorOperators.LT, ALL_TANH_SMALL));
  }

  static float tanh(float x, float exponential) {
    if (Math.abs(x) < TANH_SMALL) {
      float square = x * x;
      float p = TANH_11;
      p = Math.fma(p, square, TANH_9);
      p = Math.fma(p, square, TANH_7);
      p = Math.fma(p, square, TANH_5);
      p = Math.fma(p, square, TANH_3);
      return Math.fma(p * square, x, x);
    }
    float large = (1f - exponential) / (exponential + 1f);
    return x < 0 ? -large : large;
  }
}
