package io.sparkformer.model.optimizer;

/**
 * What one update of Adam multiplies by; the same for every element.
 *
 * @param scale of the gradient
 * @param beta1 what stays of the first moment
 * @param rest1 {@code 1 - beta1}
 * @param beta2 what stays of the second moment
 * @param rest2 {@code 1 - beta2}
 * @param stepSize learning rate over the first moment's bias correction
 * @param correction one over the root of the second moment's bias correction
 * @param epsilon added to the denominator
 * @param kept what stays of the parameter before the update
 */
public record AdamFactors(float scale, float beta1, float rest1, float beta2, float rest2, float stepSize, float correction, float epsilon,
    float kept) {
  /**
   * Far below any moment that matters. Adding and subtracting it rounds what is smaller still to a multiple of 2^-123: a moment
   * that decays for thousands of steps never becomes a denormal number, which would cost a hundred times as much to compute.
   */
  public static final float FLUSH = 0x1p-100f;

  static AdamFactors of(AdamSettings settings, long updates, double gradientScale, double learningRate) {
    double correction1 = 1 - Math.pow(settings.beta1(), updates);
    double correction2 = 1 - Math.pow(settings.beta2(), updates);
    return new AdamFactors((float) gradientScale, (float) settings.beta1(), (float) (1 - settings.beta1()), (float) settings.beta2(),
        (float) (1 - settings.beta2()), (float) (learningRate / correction1), (float) (1 / Math.sqrt(correction2)),
        (float) settings.epsilon(), 1);
  }

  /** @param decay the share of a parameter that the update takes away first */
  AdamFactors withDecay(double decay) {
    return new AdamFactors(scale, beta1, rest1, beta2, rest2, stepSize, correction, epsilon, (float) (1 - decay));
  }
}
