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

/** OPT (Zhang et al. 2022): GPT's decoder with learned positions from the third row on; pre-norm, except post-norm in the size 350m. */
final class Opt implements Architecture {
  private static final String TABLE = "embedding.weight";
  /** Rows in front of that of position 0. */
  private static final int OFFSET = 2;
  /** PyTorch's, which no key changes. */
  private static final double NORM_EPSILON = 1e-5;

  @Override
  public String modelType() {
    return "opt";
  }

  @Override
  public Presets presets() {
    return Presets.of("opt-125m", """
            {"model_type": "opt", "architectures": ["OPTForCausalLM"], "vocab_size": 50272, "hidden_size": 768, "num_hidden_layers": 12,
             "num_attention_heads": 12, "ffn_dim": 3072, "max_position_embeddings": 2048, "activation_function": "relu",
             "do_layer_norm_before": true, "enable_bias": true, "dropout": 0.1, "attention_dropout": 0.0, "init_std": 0.02,
             "tie_word_embeddings": true}""")
        .and("opt-1.3b", sizes(2048, 24, 32)).and("opt-2.7b", sizes(2560, 32, 32)).and("opt-6.7b", sizes(4096, 32, 32))
        .and("opt-13b", sizes(5120, 40, 40)).and("opt-30b", sizes(7168, 48, 56));
  }

  private static String sizes(int width, int layers, int heads) {
    return "{\"hidden_size\": %d, \"num_hidden_layers\": %d, \"num_attention_heads\": %d, \"ffn_dim\": %d}"
        .formatted(width, layers, heads, 4 * width);
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    config.refuseQuantization();
    config.require("layer_norm_elementwise_affine", true);
    config.require("layerdrop", 0.0, 0);
    int width = config.integer("hidden_size");
    config.require("word_embed_proj_dim", width);
    int heads = config.integer("num_attention_heads");
    int headWidth = Widths.ofHead(config, "hidden_size", "num_attention_heads");
    int positions = config.integer("max_position_embeddings");
    double dropout = config.number("dropout", 0.1);
    boolean preNorm = config.flag("do_layer_norm_before", true);
    Biases biases = config.flag("enable_bias", true) ? Biases.ALL : Biases.NONE;
    NormConfig norm = NormConfig.layer(NORM_EPSILON);
    AttentionConfig attention = new AttentionConfig(heads, heads, headWidth, Widths.scale(headWidth), biases, Masking.CAUSAL, 0,
        AttentionPositions.NONE, config.number("attention_dropout", 0));
    FeedForwardConfig feedForward = new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, config.integer("ffn_dim"),
        ConfigJson.activation("activation_function", config.text("activation_function", "relu")), biases, 0);
    LayerConfig layer = new LayerConfig(preNorm ? LayerConfig.Arrangement.PRE_NORM : LayerConfig.Arrangement.POST_NORM, attention, null,
        feedForward, norm, dropout);
    EmbeddingConfig embedding = new EmbeddingConfig(TABLE, config.integer("pad_token_id", 1), 1,
        new EmbeddingPositions.Learned(positions + OFFSET, OFFSET), 0, null, 0);
    boolean finalNorm = preNorm && !config.flag("_remove_final_layer_norm", false);
    StackConfig decoder = new StackConfig(embedding, Collections.nCopies(config.integer("num_hidden_layers"), layer),
        finalNorm ? norm : null, 0);
    return Heads.decoder(config, "OPTForCausalLM", "OPTModel", width, decoder, true, positions,
        Initialization.normal(config.number("init_std", 0.02)));
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames();
    int width = network.width();
    StackConfig decoder = network.decoder();
    names.table("model.decoder.embed_tokens.weight", TABLE, network.vocabulary(), width);
    names.table("model.decoder.embed_positions.weight", "decoder.positions.weight", network.maxLength() + OFFSET, width);
    for (int i = 0; i < decoder.layers().size(); i++) {
      LayerConfig layer = decoder.layers().get(i);
      boolean biases = layer.feedForward().biases().ofInputs();
      String name = "model.decoder.layers." + i + ".";
      String parameter = "decoder.layers." + i + ".";
      String attention = name + "self_attn.";
      names.splitAttention(List.of(attention + "q_proj", attention + "k_proj", attention + "v_proj", attention + "out_proj"),
          parameter + "self_attn", layer.selfAttention(), width);
      names.norm(name + "self_attn_layer_norm", parameter + "norm1", true, width);
      names.linear(name + "fc1", parameter + "linear1", biases, layer.feedForward().inner(), width);
      names.linear(name + "fc2", parameter + "linear2", biases, width, layer.feedForward().inner());
      names.norm(name + "final_layer_norm", parameter + "norm2", true, width);
    }
    if (decoder.finalNorm() != null) {
      names.norm("model.decoder.final_layer_norm", "decoder.norm", true, width);
    }
    Heads.untied(names, network, "lm_head.weight", TABLE);
    return names.all();
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public List<String> tolerated() {
    return List.of("lm_head\\.weight");
  }
}
