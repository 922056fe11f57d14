package io.sparkformer.model.architecture;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.config.FeedForwardConfig;
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
 * Falcon (Almazrouei et al. 2023) in its three styles: 7B (multi-query attention beside the feed-forward layer, one norm), 40B (the new
 * decoder architecture: grouped queries, two norms) and RW (sequential, all heads with their own keys and values, ALiBi or rotary).
 */
final class Falcon implements Architecture {
  private static final String TABLE = "embedding.weight";

  @Override
  public String modelType() {
    return "falcon";
  }

  @Override
  public Presets presets() {
    return Presets.of("falcon-7b", """
            {"model_type": "falcon", "architectures": ["FalconForCausalLM"], "vocab_size": 65024, "hidden_size": 4544,
             "num_hidden_layers": 32, "num_attention_heads": 71, "multi_query": true, "new_decoder_architecture": false,
             "parallel_attn": true, "alibi": false, "bias": false, "activation": "gelu", "attention_dropout": 0.0, "hidden_dropout": 0.0,
             "layer_norm_epsilon": 1e-5, "rope_theta": 10000.0, "max_position_embeddings": 2048, "initializer_range": 0.02,
             "tie_word_embeddings": true}""")
        .optional("num_kv_heads").optional("ffn_hidden_size")
        .and("falcon-40b", """
            {"hidden_size": 8192, "num_hidden_layers": 60, "num_attention_heads": 128, "num_kv_heads": 8, "multi_query": true,
             "new_decoder_architecture": true}""")
        .and("falcon-rw-1b", """
            {"vocab_size": 50304, "hidden_size": 2048, "num_hidden_layers": 24, "num_attention_heads": 32, "multi_query": false,
             "parallel_attn": false, "alibi": true, "bias": true}""");
  }

  private static boolean isNew(ConfigJson config) {
    return config.flag("new_decoder_architecture", false);
  }

  private static boolean isMultiQuery(ConfigJson config) {
    return config.flag("multi_query", true) && !isNew(config);
  }

  private static int keyValueHeads(ConfigJson config, int heads) {
    return isNew(config) ? config.integer("num_kv_heads", heads) : isMultiQuery(config) ? 1 : heads;
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    config.refuseQuantization();
    int width = config.integer("hidden_size");
    int heads = config.integer("num_attention_heads");
    int headWidth = Widths.ofHead(config, "hidden_size", "num_attention_heads");
    double scale = Widths.scale(headWidth);
    boolean biases = config.flag("bias", false);
    boolean parallel = isNew(config) || config.flag("parallel_attn", true);
    NormConfig norm = NormConfig.layer(config.number("layer_norm_epsilon", 1e-5));
    // The bias is added before scores are scaled.
    AttentionPositions positions = config.flag("alibi", false) ? new AttentionPositions.Alibi(scale)
        : new AttentionPositions.Rotary(headWidth, config.number("rope_theta", 10000), config.linearRopeScaling());
    AttentionConfig attention = new AttentionConfig(heads, keyValueHeads(config, heads), headWidth, scale,
        biases ? Biases.ALL : Biases.NONE, Masking.CAUSAL, 0, positions, config.number("attention_dropout", 0));
    FeedForwardConfig feedForward = new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, config.integer("ffn_hidden_size", 4 * width),
        config.has("activation") ? config.activation("activation") : Activation.GELU, biases ? Biases.ALL : Biases.NONE, 0);
    Arrangement arrangement = isNew(config) ? Arrangement.PARALLEL_TWO_NORMS : parallel ? Arrangement.PARALLEL : Arrangement.PRE_NORM;
    LayerConfig layer = new LayerConfig(arrangement, attention, null, feedForward, norm, config.number("hidden_dropout", 0));
    StackConfig decoder = new StackConfig(new EmbeddingConfig(TABLE, 1, EmbeddingPositions.NONE, 0, null, 0),
        Collections.nCopies(config.integer("num_hidden_layers"), layer), norm, 0);
    return Heads.decoder(config, "FalconForCausalLM", "FalconModel", width, decoder, true,
        config.integer("max_position_embeddings", 2048), Initialization.normal(config.number("initializer_range", 0.02)));
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames();
    int width = network.width();
    names.table("transformer.word_embeddings.weight", TABLE, network.vocabulary(), width);
    for (int i = 0; i < network.decoder().layers().size(); i++) {
      LayerConfig layer = network.decoder().layers().get(i);
      String name = "transformer.h." + i;
      String parameter = "decoder.layers." + i;
      boolean biases = layer.feedForward().biases().ofOutputs();
      names.norm(name + (isNew(config) ? ".ln_attn" : ".input_layernorm"), parameter + ".norm1", true, width);
      names.fusedAttention(name + ".self_attention.query_key_value", name + ".self_attention.dense", parameter + ".self_attn",
          fusedRows(config, layer.selfAttention()), layer.selfAttention(), width);
      if (layer.arrangement() != Arrangement.PARALLEL) {
        names.norm(name + (isNew(config) ? ".ln_mlp" : ".post_attention_layernorm"), parameter + ".norm2", true, width);
      }
      names.linear(name + ".mlp.dense_h_to_4h", parameter + ".linear1", biases, layer.feedForward().inner(), width);
      names.linear(name + ".mlp.dense_4h_to_h", parameter + ".linear2", biases, width, layer.feedForward().inner());
    }
    names.norm("transformer.ln_f", "decoder.norm", true, width);
    Heads.untied(names, network, "lm_head.weight", TABLE);
    return names.all();
  }

  /** Our rows (all queries, all keys, all values) in the file's order: group by group its queries, its key, its value. */
  private static int[] fusedRows(ConfigJson config, AttentionConfig attention) {
    if (isMultiQuery(config)) {
      return null;
    }
    int head = attention.headWidth();
    int[][] parts = new int[3 * attention.keyValueHeads()][];
    for (int group = 0; group < attention.keyValueHeads(); group++) {
      int queries = attention.group() * head;
      int key = attention.queryWidth() + group * head;
      parts[3 * group] = TensorNames.range(group * queries, (group + 1) * queries);
      parts[3 * group + 1] = TensorNames.range(key, key + head);
      parts[3 * group + 2] = TensorNames.range(key + attention.keyValueWidth(), key + attention.keyValueWidth() + head);
    }
    return TensorNames.join(parts);
  }

  @Override
  public String prefix() {
    return "transformer.";
  }

  @Override
  public List<String> tolerated() {
    return List.of("(transformer\\.)?h\\.\\d+\\.self_attention\\.maybe_rotary\\.inv_freq", "lm_head\\.weight");
  }
}
