package io.sparkformer.model.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.Initialization;
import io.sparkformer.model.config.LayerConfig;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.config.StackConfig;
import java.util.Collections;
import java.util.List;

/**
 * T5 (Raffel et al. 2020) and its version 1.1: a pre-norm encoder-decoder with RMS norms, relative positions shared by the layers of a
 * stack, scores without a scale, and no biases.
 */
final class T5 implements Architecture {
  private static final String TABLE = "embedding.weight";
  /** The length of T5's own training; relative positions have no limit. */
  private static final int MAX_LENGTH = 512;

  @Override
  public String modelType() {
    return "t5";
  }

  @Override
  public Presets presets() {
    return Presets.of("t5-small", """
            {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "is_encoder_decoder": true, "vocab_size": 32128,
             "d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6, "num_heads": 8, "relative_attention_num_buckets": 32,
             "relative_attention_max_distance": 128, "feed_forward_proj": "relu", "dropout_rate": 0.1, "layer_norm_epsilon": 1e-6,
             "tie_word_embeddings": true, "n_positions": 512}""")
        .optional("num_decoder_layers")
        .and("t5-base", sizes(768, 64, 3072, 12, 12)).and("t5-large", sizes(1024, 64, 4096, 24, 16))
        .and("t5-3b", sizes(1024, 128, 16384, 24, 32)).and("t5-11b", sizes(1024, 128, 65536, 24, 128))
        .and("t5-v1_1-small", gated(sizes(512, 64, 1024, 8, 6))).and("t5-v1_1-base", gated(sizes(768, 64, 2048, 12, 12)))
        .and("t5-v1_1-large", gated(sizes(1024, 64, 2816, 24, 16))).and("t5-v1_1-xl", gated(sizes(2048, 64, 5120, 24, 32)))
        .and("t5-v1_1-xxl", gated(sizes(4096, 64, 10240, 24, 64)));
  }

  private static String sizes(int width, int headWidth, int inner, int layers, int heads) {
    return "{\"d_model\": %d, \"d_kv\": %d, \"d_ff\": %d, \"num_layers\": %d, \"num_heads\": %d}"
        .formatted(width, headWidth, inner, layers, heads);
  }

  /** Version 1.1. */
  private static String gated(String sizes) {
    return sizes.replace("}", ", \"feed_forward_proj\": \"gated-gelu\", \"tie_word_embeddings\": false}");
  }

  /** The decoder begins with padding. */
  @Override
  public void putTokens(ObjectNode json, SpecialTokens tokens) {
    json.put("decoder_start_token_id", Heads.padding(modelType(), tokens));
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    config.refuseQuantization();
    int width = config.integer("d_model");
    int layers = config.integer("num_layers");
    double dropout = config.number("dropout_rate", 0.1);
    boolean tied = config.flag("tie_word_embeddings", true);
    StackConfig encoder = stack(config, layers, layer(config, Masking.NONE), dropout);
    StackConfig decoder = stack(config, config.integer("num_decoder_layers", layers), layer(config, Masking.CAUSAL), dropout);
    HeadConfig.Vocabulary head = new HeadConfig.Vocabulary(tied ? TABLE : "output.weight", HeadConfig.Vocabulary.Bias.NONE,
        tied ? 1 / Math.sqrt(width) : 1, null, Heads.labelSmoothing(config));
    return new NetworkConfig(width, config.integer("vocab_size"), encoder, decoder,
        Heads.language(config, "T5ForConditionalGeneration", "T5Model", head), config.integer("n_positions", MAX_LENGTH),
        Initialization.FAN_IN, Heads.seed(config));
  }

  private static StackConfig stack(ConfigJson config, int layers, LayerConfig layer, double dropout) {
    return new StackConfig(new EmbeddingConfig(TABLE, 1, EmbeddingPositions.NONE, 0, null, dropout), Collections.nCopies(layers, layer),
        layer.norm(), dropout);
  }

  private static LayerConfig layer(ConfigJson config, Masking masking) {
    double dropout = config.number("dropout_rate", 0.1);
    AttentionPositions relative = new AttentionPositions.Relative(config.integer("relative_attention_num_buckets", 32),
        config.integer("relative_attention_max_distance", 128));
    return new LayerConfig(LayerConfig.Arrangement.PRE_NORM, attention(config, masking, relative, dropout),
        masking == Masking.CAUSAL ? attention(config, Masking.NONE, AttentionPositions.NONE, dropout) : null, feedForward(config, dropout),
        NormConfig.rms(config.number("layer_norm_epsilon", 1e-6)), dropout);
  }

  private static AttentionConfig attention(ConfigJson config, Masking masking, AttentionPositions positions, double dropout) {
    int heads = config.integer("num_heads");
    return new AttentionConfig(heads, heads, config.integer("d_kv"), 1, Biases.NONE, masking, 0, positions, dropout);
  }

  private static FeedForwardConfig feedForward(ConfigJson config, double dropout) {
    String projection = config.text("feed_forward_proj", "relu");
    boolean gated = projection.startsWith("gated-");
    // Hugging Face reads "gated-gelu" as the approximation by tanh.
    String activation = projection.equals("gated-gelu") ? "gelu_new" : gated ? projection.substring("gated-".length()) : projection;
    return new FeedForwardConfig(gated ? FeedForwardConfig.Kind.GATED : FeedForwardConfig.Kind.PLAIN, config.integer("d_ff"),
        ConfigJson.activation("feed_forward_proj", activation), Biases.NONE, dropout);
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames();
    names.table("shared.weight", TABLE, network.vocabulary(), network.width());
    stack(names, "encoder", network.encoder(), network.width());
    stack(names, "decoder", network.decoder(), network.width());
    Heads.untied(names, network, "lm_head.weight", TABLE);
    return names.all();
  }

  private static void stack(TensorNames names, String stack, StackConfig config, int width) {
    for (int i = 0; i < config.layers().size(); i++) {
      LayerConfig layer = config.layers().get(i);
      String name = stack + ".block." + i + ".layer.";
      String parameter = stack + ".layers." + i;
      attention(names, name + "0.SelfAttention.", parameter + ".self_attn", layer.selfAttention(), width);
      if (i == 0 && layer.selfAttention().positions() instanceof AttentionPositions.Relative relative) {
        names.table(name + "0.SelfAttention.relative_attention_bias.weight", stack + ".relative_positions.weight", relative.buckets(),
            layer.selfAttention().heads());
      }
      names.norm(name + "0.layer_norm", parameter + ".norm1", false, width);
      int last = 1;
      if (layer.crossAttention() != null) {
        attention(names, name + "1.EncDecAttention.", parameter + ".multihead_attn", layer.crossAttention(), width);
        names.norm(name + "1.layer_norm", parameter + ".norm2", false, width);
        last = 2;
      }
      feedForward(names, name + last + ".DenseReluDense.", parameter, layer.feedForward(), width);
      names.norm(name + last + ".layer_norm", parameter + ".norm" + (last + 1), false, width);
    }
    names.norm(stack + ".final_layer_norm", stack + ".norm", false, width);
  }

  private static void attention(TensorNames names, String name, String parameter, AttentionConfig attention, int width) {
    names.splitAttention(List.of(name + "q", name + "k", name + "v", name + "o"), parameter, attention, width);
  }

  private static void feedForward(TensorNames names, String name, String parameter, FeedForwardConfig feedForward, int width) {
    int inner = feedForward.inner();
    if (feedForward.kind() == FeedForwardConfig.Kind.GATED) {
      names.rows(name + "wi_0.weight", parameter + ".linear1.weight", TensorNames.range(0, inner), inner, width);
      names.rows(name + "wi_1.weight", parameter + ".linear1.weight", TensorNames.range(inner, 2 * inner), inner, width);
    } else {
      names.matrix(name + "wi.weight", parameter + ".linear1.weight", inner, width);
    }
    names.matrix(name + "wo.weight", parameter + ".linear2.weight", width, inner);
  }

  @Override
  public String prefix() {
    return "";
  }

  @Override
  public List<String> tolerated() {
    return List.of("(encoder|decoder)\\.embed_tokens\\.weight", "lm_head\\.weight",
        "decoder\\.block\\.0\\.layer\\.1\\.EncDecAttention\\.relative_attention_bias\\.weight");
  }
}
