package io.sparkformer.jobs.bench;

import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.objective.SequenceToSequence;

/** The networks of the benchmarks. */
final class BenchNetwork {
  static final SequenceToSequence PAIRS = new SequenceToSequence(1, 2);
  private static final int HEADS = 8;

  private BenchNetwork() {}

  /**
   * The paper's: 8 heads, inner width 4 * d_model, dropout 0.1 on embeddings, sub-layers and inner activations, label smoothing 0.1, one
   * embedding for source, target and output.
   */
  static NetworkConfig paper(int dModel, int layers, int vocabulary, int maxLength) {
    return new TransformerSettings(layers, layers, dModel, HEADS, 4 * dModel, NormPosition.POST, Activation.RELU,
        TiedEmbeddings.ALL, 0.1, 0, 0.1, 0.1, maxLength, 1e-5).config(vocabulary, new SpecialTokens(0, 1, 2), 1).network();
  }
}
