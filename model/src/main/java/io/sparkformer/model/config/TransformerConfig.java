package io.sparkformer.model.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.EnumNamingStrategies;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A network, completely described; weights aside. The names are the paper's (Vaswani et al. 2017, table 3).
 *
 * @param kind which stacks the network has
 * @param vocabulary entries of the joint vocabulary, special tokens included
 * @param encoderLayers N of the encoder
 * @param decoderLayers N of the decoder
 * @param dModel width of the residual stream, in elements; a multiple of {@code heads}, and even
 * @param heads attention heads
 * @param ffn inner width of the feed-forward layers, d_ff, in elements
 * @param norm where layer normalization stands
 * @param activation between the two products of a feed-forward layer
 * @param positions how positions enter
 * @param tiedEmbeddings which embeddings share one matrix
 * @param dropout probability of dropping an element of the embeddings and of every sub-layer's output, in [0, 1)
 * @param attentionDropout the same for attention weights
 * @param activationDropout the same for the inner activations of feed-forward layers
 * @param labelSmoothing share of the target probability that is spread evenly over the vocabulary, in [0, 1)
 * @param maxLength longest sentence, in tokens with its end token
 * @param layerNormEpsilon added to the variance in layer normalization
 * @param seed of the initial weights and of dropout
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record TransformerConfig(
    Kind kind, int vocabulary, int encoderLayers, int decoderLayers, int dModel, int heads, int ffn, NormPosition norm,
    Activation activation, Positions positions, TiedEmbeddings tiedEmbeddings, double dropout, double attentionDropout,
    double activationDropout, double labelSmoothing, int maxLength, double layerNormEpsilon, long seed) {

  private static final ObjectMapper JSON = JsonMapper.builder()
      .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
      .enumNamingStrategy(EnumNamingStrategies.KEBAB_CASE)
      .enable(SerializationFeature.INDENT_OUTPUT)
      .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .build();

  public TransformerConfig {
    positive("vocabulary", vocabulary);
    positive("encoder-layers", encoderLayers);
    positive("decoder-layers", decoderLayers);
    positive("d-model", dModel);
    positive("heads", heads);
    positive("ffn", ffn);
    positive("max-length", maxLength);
    if (dModel % heads != 0) {
      throw new IllegalArgumentException("model.heads must divide model.d-model: heads=%d, d-model=%d; try heads=%d"
          .formatted(heads, dModel, nearestDivisor(dModel, heads)));
    }
    if (dModel % 2 != 0) {
      throw new IllegalArgumentException("Invalid model.d-model: %d (must be even for sinusoidal positions)".formatted(dModel));
    }
    probability("dropout", dropout);
    probability("attention-dropout", attentionDropout);
    probability("activation-dropout", activationDropout);
    probability("label-smoothing", labelSmoothing);
    if (!(layerNormEpsilon > 0)) {
      throw new IllegalArgumentException("Invalid model.layer-norm-epsilon: %s (must be > 0)".formatted(layerNormEpsilon));
    }
  }

  /** Elements of one head, d_k. */
  public int headWidth() {
    return dModel / heads;
  }

  /** The same network with every dropout probability zero: for comparisons and for tests. */
  public TransformerConfig withoutDropout() {
    return new TransformerConfig(kind, vocabulary, encoderLayers, decoderLayers, dModel, heads, ffn, norm, activation, positions,
        tiedEmbeddings, 0, 0, 0, labelSmoothing, maxLength, layerNormEpsilon, seed);
  }

  /** The content of {@code config.json}. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write config.json: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Reads what {@link #toJson()} wrote.
   *
   * @throws IllegalArgumentException if the text is not such an object: a key missing, unknown, or out of range
   */
  public static TransformerConfig fromJson(String json) {
    try {
      return JSON.readValue(json, TransformerConfig.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Invalid config.json: " + e.getOriginalMessage(), e);
    }
  }

  private static void positive(String key, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException("Invalid model.%s: %d (must be > 0)".formatted(key, value));
    }
  }

  private static void probability(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, "Invalid model.%s: %s (must be at least 0 and below 1)", key, value));
    }
  }

  private static int nearestDivisor(int number, int wanted) {
    return IntStream.rangeClosed(1, number).filter(n -> number % n == 0).boxed()
        .min((a, b) -> Integer.compare(Math.abs(a - wanted), Math.abs(b - wanted))).orElse(1);
  }
}
