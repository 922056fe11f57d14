package io.sparkformer.model.config;

import java.util.List;

/**
 * A network, completely described in no family's words; weights aside. {@code architecture} makes it from a family's own settings.
 *
 * @param width of the residual stream, in elements (d_model)
 * @param vocabulary entries of the vocabulary, special tokens included
 * @param encoder null for none
 * @param decoder null for none; with an encoder its layers have cross-attention
 * @param heads what is computed from the output of the last stack; may be empty
 * @param maxLength longest sequence, in tokens
 * @param initialization how weights are first drawn
 * @param seed of the initial weights and of dropout
 */
public record NetworkConfig(int width, int vocabulary, StackConfig encoder, StackConfig decoder, List<HeadConfig> heads, int maxLength,
    Initialization initialization, long seed) {
  public NetworkConfig {
    heads = List.copyOf(heads);
    Checks.positive("d-model", width);
    Checks.positive("vocabulary", vocabulary);
    Checks.positive("max-length", maxLength);
    if (encoder == null && decoder == null) {
      throw new IllegalArgumentException("A network needs an encoder or a decoder");
    }
    boolean attends = decoder != null && decoder.layers().stream().anyMatch(layer -> layer.crossAttention() != null);
    if (attends != (encoder != null && decoder != null)) {
      throw new IllegalArgumentException("A decoder has cross-attention exactly if there is an encoder");
    }
  }

  /** The stack whose output the heads read. */
  public StackConfig lastStack() {
    return decoder != null ? decoder : encoder;
  }

  public boolean isEncoderDecoder() {
    return encoder != null && decoder != null;
  }

  /** The same network with every dropout probability zero: for comparisons and for tests. */
  public NetworkConfig withoutDropout() {
    return new NetworkConfig(width, vocabulary, encoder == null ? null : encoder.withoutDropout(),
        decoder == null ? null : decoder.withoutDropout(), heads.stream().map(HeadConfig::withoutDropout).toList(), maxLength,
        initialization, seed);
  }
}
