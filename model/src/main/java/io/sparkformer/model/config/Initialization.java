package io.sparkformer.model.config;

/**
 * How a network's weights are first drawn. Gains of norms are 1, biases 0.
 *
 * @param rule of matrices and embeddings
 * @param deviation of the normal rules; 1 for the others, which have their own
 */
public record Initialization(Rule rule, double deviation) {
  /** What deviations depend on. */
  public enum Rule {
    /**
     * Matrices uniform in +-sqrt(6 / (in + out)) (Glorot and Bengio 2010, equation 16), embeddings normal with deviation width^-0.5: so
     * scaled embeddings have unit variance, and so do tied logits.
     */
    GLOROT,
    /** Everything normal with the same deviation, the embedding of padding 0: BERT, LLaMA, Marian. */
    NORMAL,
    /** As {@link #NORMAL}, but matrices that write to the residual stream are divided by sqrt(2 * layers): GPT-2. */
    NORMAL_SCALED_RESIDUALS,
    /**
     * Matrices normal with deviation in^-0.5, those of queries divided by sqrt(head width), embeddings with 1, relative positions with
     * width^-0.5: T5.
     */
    FAN_IN
  }

  public static final Initialization GLOROT = new Initialization(Rule.GLOROT, 1);
  public static final Initialization FAN_IN = new Initialization(Rule.FAN_IN, 1);

  public Initialization {
    if (!(deviation > 0) || Double.isInfinite(deviation)) {
      throw new IllegalArgumentException("Invalid deviation of initial weights: %s (must be > 0)".formatted(deviation));
    }
  }

  public static Initialization normal(double deviation) {
    return new Initialization(Rule.NORMAL, deviation);
  }

  public static Initialization normalWithScaledResiduals(double deviation) {
    return new Initialization(Rule.NORMAL_SCALED_RESIDUALS, deviation);
  }
}
