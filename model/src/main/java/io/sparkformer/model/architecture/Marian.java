package io.sparkformer.model.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.config.EmbeddingPositions.Sinusoidal;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.Initialization;
import io.sparkformer.model.config.LayerConfig;
import io.sparkformer.model.config.LayerConfig.Arrangement;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.config.StackConfig;
import java.util.Collections;
import java.util.List;

/**
 * The paper's encoder-decoder in Hugging Face's two classes: Marian (Junczys-Dowmunt et al. 2018), post-norm, and M2M100 (Fan et al. 2021),
 * pre-norm with norms at the end of both stacks.
 */
final class Marian implements Architecture {
  /** Of both classes; another one is a setting of our own. */
  static final double NORM_EPSILON = 1e-5;
  static final String EPSILON = "layer_norm_epsilon";
  /** Whether the files hold Marian's {@code final_logits_bias}; a key of our own. */
  static final String HAS_LOGITS_BIAS = "has_final_logits_bias";
  private static final String SHARED = "embedding.weight";

  /** What the two classes differ in. */
  private enum Variant { MARIAN, M2M100 }

  private final Variant variant;

  private Marian(Variant variant) {
    this.variant = variant;
  }

  static Marian marian() {
    return new Marian(Variant.MARIAN);
  }

  static Marian m2m100() {
    return new Marian(Variant.M2M100);
  }

  @Override
  public String modelType() {
    return variant == Variant.MARIAN ? "marian" : "m2m_100";
  }

  @Override
  public Presets presets() {
    return variant == Variant.M2M100 ? Presets.NONE : Presets.of("marian", """
            {"model_type": "marian", "architectures": ["MarianMTModel"], "is_encoder_decoder": true, "vocab_size": 58101, "d_model": 512,
             "encoder_layers": 6, "decoder_layers": 6, "encoder_attention_heads": 8, "decoder_attention_heads": 8,
             "encoder_ffn_dim": 2048, "decoder_ffn_dim": 2048, "activation_function": "swish", "dropout": 0.1, "attention_dropout": 0.0,
             "activation_dropout": 0.0, "max_position_embeddings": 512, "scale_embedding": true, "init_std": 0.02,
             "share_encoder_decoder_embeddings": true, "tie_word_embeddings": true}""")
        .and("marian-big", """
            {"d_model": 1024, "encoder_attention_heads": 16, "decoder_attention_heads": 16, "encoder_ffn_dim": 4096,
             "decoder_ffn_dim": 4096, "activation_function": "relu", "max_position_embeddings": 1024}""");
  }

  /** The decoder begins with padding, and ends when its room does. */
  @Override
  public void putTokens(ObjectNode json, SpecialTokens tokens) {
    json.put("decoder_start_token_id", Heads.padding(modelType(), tokens)).put("forced_eos_token_id", tokens.end())
        .put("decoder_vocab_size", json.path(Presets.VOCABULARY).asInt());
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    config.refuseQuantization();
    config.require("normalize_before", variant == Variant.M2M100);
    config.require("normalize_embedding", false);
    config.require("static_position_embeddings", true);
    config.require("encoder_layerdrop", 0.0, 0, 0.05);
    config.require("decoder_layerdrop", 0.0, 0, 0.05);
    int width = config.integer("d_model");
    StackConfig encoder = stack(config, "encoder", width);
    StackConfig decoder = stack(config, "decoder", width);
    String table = config.flag("tie_word_embeddings", true) ? decoder.embedding().table() : "output.weight";
    HeadConfig.Vocabulary.Bias bias = hasLogitsBias(config) ? HeadConfig.Vocabulary.Bias.FROZEN : HeadConfig.Vocabulary.Bias.NONE;
    String prefix = variant == Variant.MARIAN ? "Marian" : "M2M100";
    List<HeadConfig> heads = Heads.language(config, variant == Variant.MARIAN ? "MarianMTModel" : "M2M100ForConditionalGeneration",
        prefix + "Model", new HeadConfig.Vocabulary(table, bias, 1, null, Heads.labelSmoothing(config)));
    config.require("decoder_vocab_size", config.integer("vocab_size"));
    return new NetworkConfig(width, config.integer("vocab_size"), encoder, decoder, heads, config.integer("max_position_embeddings"),
        initialization(config), Heads.seed(config));
  }

  /** Hugging Face's classes; the paper's Transformer, which names no deviation, is drawn by fans. */
  private static Initialization initialization(ConfigJson config) {
    return config.has("init_std") ? Initialization.normal(config.number("init_std")) : Initialization.GLOROT;
  }

  private boolean hasLogitsBias(ConfigJson config) {
    return variant == Variant.MARIAN && config.flag(HAS_LOGITS_BIAS, true);
  }

  private StackConfig stack(ConfigJson config, String stack, int width) {
    double dropout = config.number("dropout", 0.1);
    Activation activation = ConfigJson.activation("activation_function",
        config.text("activation_function", variant == Variant.MARIAN ? "gelu" : "relu"));
    NormConfig norm = NormConfig.layer(config.number(EPSILON, NORM_EPSILON));
    FeedForwardConfig feedForward = new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, config.integer(stack + "_ffn_dim"), activation,
        Biases.ALL, config.number("activation_dropout", 0));
    boolean decodes = stack.equals("decoder");
    LayerConfig layer = new LayerConfig(variant == Variant.MARIAN ? Arrangement.POST_NORM : Arrangement.PRE_NORM,
        attention(config, stack, decodes ? Masking.CAUSAL : Masking.NONE),
        decodes ? attention(config, stack, Masking.NONE) : null, feedForward, norm, dropout);
    EmbeddingConfig embedding = new EmbeddingConfig(table(config, stack), config.integer("pad_token_id", -1),
        config.flag("scale_embedding", variant == Variant.M2M100) ? Math.sqrt(width) : 1, positions(config, width), 0, null, dropout);
    return new StackConfig(embedding, Collections.nCopies(config.integer(stack + "_layers"), layer),
        variant == Variant.MARIAN ? null : norm, 0);
  }

  /** M2M100 counts positions from behind its padding token, and has its own frequencies. */
  private EmbeddingPositions positions(ConfigJson config, int width) {
    double half = width / 2.0;
    return variant == Variant.MARIAN ? new Sinusoidal(Sinusoidal.Layout.HALVES, 0, half)
        : new Sinusoidal(Sinusoidal.Layout.HALVES, config.integer("pad_token_id", 1) + 1, half - 1);
  }

  private static String table(ConfigJson config, String stack) {
    return config.flag("share_encoder_decoder_embeddings", true) ? SHARED : stack + ".embedding.weight";
  }

  private static AttentionConfig attention(ConfigJson config, String stack, Masking masking) {
    int heads = config.integer(stack + "_attention_heads");
    int headWidth = Widths.ofHead(config, "d_model", stack + "_attention_heads");
    return new AttentionConfig(heads, heads, headWidth, Widths.scale(headWidth), Biases.ALL, masking, 0,
        AttentionPositions.NONE, config.number("attention_dropout", 0));
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames();
    int width = network.width();
    if (table(config, "encoder").equals(SHARED)) {
      names.table("model.shared.weight", SHARED, network.vocabulary(), width);
    } else {
      names.table("model.encoder.embed_tokens.weight", table(config, "encoder"), network.vocabulary(), width);
      names.table("model.decoder.embed_tokens.weight", table(config, "decoder"), network.vocabulary(), width);
    }
    stack(names, "encoder", network.encoder(), width);
    stack(names, "decoder", network.decoder(), width);
    Heads.untied(names, network, "lm_head.weight", network.decoder().embedding().table());
    if (hasLogitsBias(config) && !network.heads().isEmpty()) {
      names.reshaped("final_logits_bias", "output.bias", 1L, (long) network.vocabulary());
    }
    return names.all();
  }

  private static void stack(TensorNames names, String stack, StackConfig config, int width) {
    for (int i = 0; i < config.layers().size(); i++) {
      LayerConfig layer = config.layers().get(i);
      String name = "model." + stack + ".layers." + i + ".";
      String parameter = stack + ".layers." + i + ".";
      attention(names, name + "self_attn", parameter + "self_attn", layer.selfAttention(), width);
      names.norm(name + "self_attn_layer_norm", parameter + "norm1", true, width);
      if (layer.crossAttention() != null) {
        attention(names, name + "encoder_attn", parameter + "multihead_attn", layer.crossAttention(), width);
        names.norm(name + "encoder_attn_layer_norm", parameter + "norm2", true, width);
      }
      names.linear(name + "fc1", parameter + "linear1", true, layer.feedForward().inner(), width);
      names.linear(name + "fc2", parameter + "linear2", true, width, layer.feedForward().inner());
      names.norm(name + "final_layer_norm", parameter + (layer.crossAttention() == null ? "norm2" : "norm3"), true, width);
    }
    if (config.finalNorm() != null) {
      names.norm("model." + stack + ".layer_norm", stack + ".norm", true, width);
    }
  }

  private static void attention(TensorNames names, String name, String parameter, AttentionConfig attention, int width) {
    names.splitAttention(List.of(name + ".q_proj", name + ".k_proj", name + ".v_proj", name + ".out_proj"), parameter, attention, width);
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public List<String> tolerated() {
    return List.of("(model\\.)?(encoder|decoder)\\.embed_(positions|tokens)\\.weights?", "final_logits_bias", "lm_head\\.weight");
  }
}
