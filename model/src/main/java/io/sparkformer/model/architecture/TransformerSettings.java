package io.sparkformer.model.architecture;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;

/**
 * The paper's encoder-decoder (Vaswani et al. 2017, table 3) as people set it. Its description is that of the Hugging Face class that
 * computes it: post-norm of {@code MarianMTModel}, pre-norm of {@code M2M100ForConditionalGeneration}.
 *
 * @param encoderLayers N of the encoder
 * @param decoderLayers N of the decoder
 * @param dModel width of the residual stream, in elements; a multiple of {@code heads}, and even
 * @param heads attention heads
 * @param ffn inner width of the feed-forward layers, d_ff, in elements
 * @param norm where layer normalization stands
 * @param activation between the two products of a feed-forward layer
 * @param tiedEmbeddings which embeddings share one matrix
 * @param dropout probability of dropping an element of the embeddings and of every sub-layer's output, in [0, 1)
 * @param attentionDropout the same for attention weights
 * @param activationDropout the same for the inner activations of feed-forward layers
 * @param labelSmoothing share of the target probability that is spread evenly over the vocabulary, in [0, 1)
 * @param maxLength longest sentence, in tokens with its end token
 * @param layerNormEpsilon added to the variance in layer normalization
 */
public record TransformerSettings(int encoderLayers, int decoderLayers, int dModel, int heads, int ffn, NormPosition norm,
    Activation activation, TiedEmbeddings tiedEmbeddings, double dropout, double attentionDropout, double activationDropout,
    double labelSmoothing, int maxLength, double layerNormEpsilon) implements NetworkSettings {

  /** @throws InvalidValueException naming the key as {@code conf/base.conf} spells it in its group {@code model} */
  public TransformerSettings {
    atLeast("encoder-layers", encoderLayers, 1);
    atLeast("decoder-layers", decoderLayers, 1);
    atLeast("d-model", dModel, 1);
    atLeast("heads", heads, 1);
    atLeast("ffn", ffn, 1);
    atLeast("max-length", maxLength, 2);
    if (dModel % heads != 0) {
      throw new InvalidValueException("heads", heads, Widths.mustDivide("d-model", dModel, heads));
    }
    if (dModel % 2 != 0) {
      throw new InvalidValueException("d-model", dModel, "must be even: sinusoidal positions are pairs of sine and cosine");
    }
    if (activation == Activation.TANH) {
      throw new InvalidValueException("activation", "tanh", "must be relu or gelu or gelu-tanh or silu");
    }
    belowOne("dropout", dropout);
    belowOne("attention-dropout", attentionDropout);
    belowOne("activation-dropout", activationDropout);
    belowOne("label-smoothing", labelSmoothing);
    if (!(layerNormEpsilon > 0) || Double.isInfinite(layerNormEpsilon)) {
      throw new InvalidValueException("layer-norm-epsilon", layerNormEpsilon, "must be > 0");
    }
  }

  private static void atLeast(String key, int value, int least) {
    if (value < least) {
      throw new InvalidValueException(key, value, least == 1 ? "must be > 0" : "must be >= " + least);
    }
  }

  private static void belowOne(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new InvalidValueException(key, value, "must be >= 0 and < 1");
    }
  }

  @Override
  public String lengthKey() {
    return "max-length";
  }

  @Override
  public ModelConfig config(int vocabulary, SpecialTokens tokens, long seed) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    boolean post = norm == NormPosition.POST;
    json.put("model_type", post ? "marian" : "m2m_100");
    json.putArray("architectures").add(post ? "MarianMTModel" : "M2M100ForConditionalGeneration");
    json.put("is_encoder_decoder", true).put("torch_dtype", "float32");
    json.put("vocab_size", vocabulary).put("d_model", dModel).put("max_position_embeddings", maxLength);
    json.put("encoder_layers", encoderLayers).put("decoder_layers", decoderLayers).put("num_hidden_layers", encoderLayers);
    json.put("encoder_attention_heads", heads).put("decoder_attention_heads", heads);
    json.put("encoder_ffn_dim", ffn).put("decoder_ffn_dim", ffn);
    json.put("activation_function", hubName(activation)).put("scale_embedding", true);
    json.put("dropout", dropout).put("attention_dropout", attentionDropout).put("activation_dropout", activationDropout);
    json.put("encoder_layerdrop", 0.0).put("decoder_layerdrop", 0.0);
    json.put("tie_word_embeddings", tiedEmbeddings != TiedEmbeddings.NONE);
    json.put("share_encoder_decoder_embeddings", tiedEmbeddings == TiedEmbeddings.ALL);
    if (post) {
      json.put("decoder_vocab_size", vocabulary).put("normalize_before", false).put("normalize_embedding", false)
          .put("static_position_embeddings", true).put("add_bias_logits", false);
    }
    json.put("pad_token_id", tokens.padding()).put("bos_token_id", tokens.begin()).put("eos_token_id", tokens.end())
        .put("decoder_start_token_id", tokens.begin()).put("forced_eos_token_id", tokens.end());
    // What only we read.
    json.put(Marian.HAS_LOGITS_BIAS, false).put("label_smoothing", labelSmoothing).put("seed", seed);
    if (layerNormEpsilon != Marian.NORM_EPSILON) {
      json.put(Marian.EPSILON, layerNormEpsilon);
    }
    return ModelConfig.of(json);
  }

  private static String hubName(Activation activation) {
    return switch (activation) {
      case RELU -> "relu";
      case GELU -> "gelu";
      case GELU_TANH -> "gelu_new";
      case SILU -> "silu";
      case TANH -> "tanh";
    };
  }
}
