package io.sparkformer.model.graph;

import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.objective.SequenceToSequence;

/** Small networks of the paper for tests: padding is token 0, begin 1, end 2. */
public final class PaperNetwork {
  public static final SequenceToSequence PAIRS = new SequenceToSequence(1, 2);

  private PaperNetwork() {}

  /** Two layers in each stack, all dropouts 0.1, label smoothing 0.1. */
  public static NetworkConfig tiny(int vocabulary, NormPosition norm, Activation activation, TiedEmbeddings tied) {
    return settings(vocabulary, norm, activation, tied, 0.1).network();
  }

  public static ModelConfig settings(int vocabulary, NormPosition norm, Activation activation, TiedEmbeddings tied, double dropout) {
    return new TransformerSettings(2, 2, 32, 2, 64, norm, activation, tied, dropout, dropout, dropout, 0.1, 64, 1e-5)
        .config(vocabulary, new SpecialTokens(0, 1, 2), 1);
  }
}
