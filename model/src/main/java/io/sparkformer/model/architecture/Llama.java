package io.sparkformer.model.architecture;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.Initialization;
import io.sparkformer.model.config.LayerConfig;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.config.StackConfig;
import java.util.Collections;
import java.util.List;

/**
 * LLaMA (Touvron et al. 2023): a pre-norm decoder with RMS norms, rotary positions and a gated feed-forward layer, without biases; and
 * Mistral (Jiang et al. 2023), the same with a sliding window.
 */
final class Llama implements Architecture {
  private static final String TABLE = "embedding.weight";

  private final String modelType;
  private final String classPrefix;

  private Llama(String modelType, String classPrefix) {
    this.modelType = modelType;
    this.classPrefix = classPrefix;
  }

  static Llama llama() {
    return new Llama("llama", "Llama");
  }

  static Llama mistral() {
    return new Llama("mistral", "Mistral");
  }

  @Override
  public String modelType() {
    return modelType;
  }

  @Override
  public Presets presets() {
    return modelType.equals("mistral") ? mistralPresets() : Presets.of("llama-7b", """
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 32000, "hidden_size": 4096,
             "num_hidden_layers": 32, "num_attention_heads": 32, "intermediate_size": 11008, "max_position_embeddings": 2048,
             "hidden_act": "silu", "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "attention_bias": false, "attention_dropout": 0.0,
             "initializer_range": 0.02, "tie_word_embeddings": false}""")
        .optional("num_key_value_heads").optional("head_dim")
        .and("llama-13b", sizes(5120, 40, 40, 13824))
        .and("llama-30b", sizes(6656, 60, 52, 17920))
        .and("llama-65b", sizes(8192, 80, 64, 22016).replace("}", ", \"rms_norm_eps\": 1e-5}"))
        .and("llama-2-7b", "{\"max_position_embeddings\": 4096, \"rms_norm_eps\": 1e-5}")
        .and("llama-2-70b", """
            {"hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
             "intermediate_size": 28672, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5}""")
        .and("smollm2-135m", """
            {"vocab_size": 49152, "hidden_size": 576, "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3,
             "intermediate_size": 1536, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "rope_theta": 100000.0,
             "initializer_range": 0.041666666666666664, "tie_word_embeddings": true}""");
  }

  private static Presets mistralPresets() {
    return Presets.of("mistral-7b", """
            {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "vocab_size": 32000, "hidden_size": 4096,
             "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
             "sliding_window": 4096, "max_position_embeddings": 32768, "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
             "attention_dropout": 0.0, "initializer_range": 0.02, "tie_word_embeddings": false}""")
        .optional("head_dim");
  }

  private static String sizes(int width, int layers, int heads, int inner) {
    return "{\"hidden_size\": %d, \"num_hidden_layers\": %d, \"num_attention_heads\": %d, \"intermediate_size\": %d}"
        .formatted(width, layers, heads, inner);
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    config.refuseQuantization();
    config.require("mlp_bias", false);
    int width = config.integer("hidden_size");
    int heads = config.integer("num_attention_heads");
    int headWidth = config.has("head_dim") ? config.integer("head_dim") : Widths.ofHead(config, "hidden_size", "num_attention_heads");
    NormConfig norm = NormConfig.rms(config.number("rms_norm_eps", 1e-6));
    int window = modelType.equals("mistral") ? config.integer("sliding_window", 0) : 0;
    AttentionConfig attention = new AttentionConfig(heads, config.integer("num_key_value_heads", heads), headWidth,
        Widths.scale(headWidth), config.flag("attention_bias", false) ? Biases.ALL : Biases.NONE, Masking.CAUSAL, window,
        new AttentionPositions.Rotary(headWidth, config.number("rope_theta", 10000), config.linearRopeScaling()),
        config.number("attention_dropout", 0));
    FeedForwardConfig feedForward = new FeedForwardConfig(FeedForwardConfig.Kind.GATED, config.integer("intermediate_size"),
        ConfigJson.activation("hidden_act", config.text("hidden_act", "silu")), Biases.NONE, 0);
    LayerConfig layer = new LayerConfig(LayerConfig.Arrangement.PRE_NORM, attention, null, feedForward, norm, 0);
    EmbeddingConfig embedding = new EmbeddingConfig(TABLE, config.integer("pad_token_id", -1), 1, EmbeddingPositions.NONE, 0, null, 0);
    StackConfig decoder = new StackConfig(embedding,
        Collections.nCopies(config.integer("num_hidden_layers"), layer), norm, 0);
    return Heads.decoder(config, classPrefix + "ForCausalLM", classPrefix + "Model", width, decoder, false,
        config.integer("max_position_embeddings", 2048), Initialization.normal(config.number("initializer_range", 0.02)));
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames();
    int width = network.width();
    names.table("model.embed_tokens.weight", TABLE, network.vocabulary(), width);
    for (int i = 0; i < network.decoder().layers().size(); i++) {
      LayerConfig layer = network.decoder().layers().get(i);
      String name = "model.layers." + i;
      String parameter = "decoder.layers." + i;
      int inner = layer.feedForward().inner();
      names.norm(name + ".input_layernorm", parameter + ".norm1", false, width);
      String attention = name + ".self_attn.";
      names.splitAttention(List.of(attention + "q_proj", attention + "k_proj", attention + "v_proj", attention + "o_proj"),
          parameter + ".self_attn", layer.selfAttention(), width);
      names.norm(name + ".post_attention_layernorm", parameter + ".norm2", false, width);
      names.rows(name + ".mlp.gate_proj.weight", parameter + ".linear1.weight", TensorNames.range(0, inner), inner, width);
      names.rows(name + ".mlp.up_proj.weight", parameter + ".linear1.weight", TensorNames.range(inner, 2 * inner), inner, width);
      names.matrix(name + ".mlp.down_proj.weight", parameter + ".linear2.weight", width, inner);
    }
    names.norm("model.norm", "decoder.norm", false, width);
    Heads.untied(names, network, "lm_head.weight", TABLE);
    return names.all();
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public List<String> tolerated() {
    return List.of("(model\\.)?layers\\.\\d+\\.self_attn\\.rotary_emb\\.inv_freq", "lm_head\\.weight");
  }
}
