package io.sparkformer.model.config;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

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

  /** The same network as it computes outside training: without dropout, and with the plain cross-entropy as loss. */
  public NetworkConfig withoutRegularization() {
    return withoutDropout().withHeads(HeadConfig::withPlainLoss);
  }

  /** The same network with a factor of the z-loss of its vocabulary heads. */
  public NetworkConfig withZLoss(double zLoss) {
    return withHeads(head -> head.withZLoss(zLoss));
  }

  private NetworkConfig withHeads(UnaryOperator<HeadConfig> change) {
    return new NetworkConfig(width, vocabulary, encoder, decoder, heads.stream().map(change).toList(), maxLength, initialization, seed);
  }

  /** One line for people: {@code 6+6 layers, d_model 512, 8 heads, ffn 2048, post-norm, relu, dropout 0.1}. */
  public String summary() {
    LayerConfig layer = lastStack().layers().get(0);
    String layers = isEncoderDecoder() ? encoder.layers().size() + "+" + decoder.layers().size() : "" + lastStack().layers().size();
    return String.format(Locale.ROOT, "%s layers, d_model %d, %d heads, ffn %d, %s, %s, dropout %s", layers, width,
        layer.selfAttention().heads(), layer.feedForward().inner(), words(layer.arrangement()), words(layer.feedForward().activation()),
        layer.dropout());
  }

  private static String words(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
