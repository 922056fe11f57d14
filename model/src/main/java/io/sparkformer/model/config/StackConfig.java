package io.sparkformer.model.config;

import java.util.List;

/**
 * An encoder or a decoder: embedding, layers, and a norm at the end.
 *
 * @param embedding what the layers read first
 * @param layers from the first to the last; they may differ
 * @param finalNorm after the last layer; null for none
 * @param finalDropout after the final norm (T5), in [0, 1)
 */
public record StackConfig(EmbeddingConfig embedding, List<LayerConfig> layers, NormConfig finalNorm, double finalDropout) {
  public StackConfig {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("A stack needs at least one layer");
    }
    if (finalNorm == null && finalDropout > 0) {
      throw new IllegalArgumentException("Dropout at the end of a stack needs a final norm");
    }
    Checks.probability("dropout", finalDropout);
  }

  public StackConfig withoutDropout() {
    return new StackConfig(embedding.withoutDropout(), layers.stream().map(LayerConfig::withoutDropout).toList(), finalNorm, 0);
  }
}
