package io.sparkformer.model.config;

/**
 * Normalization of each row of {@code [tokens, width]}.
 *
 * @param kind what is computed
 * @param epsilon added to the variance (layer norm) or to the mean square (RMS norm)
 */
public record NormConfig(Kind kind, double epsilon) {
  /** What a norm computes. */
  public enum Kind {
    /** {@code (x - mean) / sqrt(variance + epsilon) * gain + bias} (Ba et al. 2016). */
    LAYER,
    /** Layer norm without the bias. */
    LAYER_WITHOUT_BIAS,
    /** {@code x / sqrt(mean(x^2) + epsilon) * gain} (Zhang and Sennrich 2019). */
    RMS
  }

  public NormConfig {
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("Invalid epsilon of a norm: %s (must be > 0)".formatted(epsilon));
    }
  }

  public static NormConfig layer(double epsilon) {
    return new NormConfig(Kind.LAYER, epsilon);
  }

  public static NormConfig rms(double epsilon) {
    return new NormConfig(Kind.RMS, epsilon);
  }

  public boolean hasBias() {
    return kind == Kind.LAYER;
  }
}
