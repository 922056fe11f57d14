package io.sparkformer.model.config;

/** How a network's weights are first drawn. Gains of norms are 1, biases 0. */
public enum Initialization {
  /**
   * Matrices uniform in +-sqrt(6 / (in + out)) (Glorot and Bengio 2010, equation 16), embeddings normal with deviation width^-0.5: so
   * scaled embeddings have unit variance, and so do tied logits.
   */
  GLOROT,
  /** Everything normal with deviation 0.02: BERT, LLaMA. */
  NORMAL,
  /** As {@link #NORMAL}, but matrices that write to the residual stream are divided by sqrt(2 * layers): GPT-2. */
  NORMAL_SCALED_RESIDUALS,
  /** Matrices normal with deviation in^-0.5, embeddings with 1, queries divided by sqrt(head width): T5. */
  FAN_IN
}
