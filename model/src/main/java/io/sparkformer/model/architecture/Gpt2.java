package io.sparkformer.model.architecture;

import io.sparkformer.model.architecture.TensorMapping.Layout;
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
 * GPT-2 (Radford et al. 2019): a pre-norm decoder with learned positions; the output projection is the embedding table. Matrices lie
 * transposed in its files.
 */
final class Gpt2 implements Architecture {
  private static final String TABLE = "embedding.weight";

  @Override
  public String modelType() {
    return "gpt2";
  }

  @Override
  public Presets presets() {
    return Presets.of("gpt2", """
            {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12,
             "n_positions": 1024, "activation_function": "gelu_new", "resid_pdrop": 0.1, "embd_pdrop": 0.1, "attn_pdrop": 0.1,
             "layer_norm_epsilon": 1e-5, "initializer_range": 0.02, "tie_word_embeddings": true}""")
        .optional("n_inner")
        .and("gpt2-medium", "{\"n_embd\": 1024, \"n_layer\": 24, \"n_head\": 16}")
        .and("gpt2-large", "{\"n_embd\": 1280, \"n_layer\": 36, \"n_head\": 20}")
        .and("gpt2-xl", "{\"n_embd\": 1600, \"n_layer\": 48, \"n_head\": 25}");
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    config.refuseQuantization();
    config.require("scale_attn_weights", true);
    config.require("scale_attn_by_inverse_layer_idx", false);
    config.require("reorder_and_upcast_attn", false);
    config.require("add_cross_attention", false);
    int width = config.integer("n_embd");
    int heads = config.integer("n_head");
    int positions = config.integer("n_positions");
    NormConfig norm = NormConfig.layer(config.number("layer_norm_epsilon", 1e-5));
    int headWidth = Widths.ofHead(config, "n_embd", "n_head");
    AttentionConfig attention = new AttentionConfig(heads, heads, headWidth, Widths.scale(headWidth), Biases.ALL,
        Masking.CAUSAL, 0, AttentionPositions.NONE, config.number("attn_pdrop", 0.1));
    FeedForwardConfig feedForward = new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, config.integer("n_inner", 4 * width),
        ConfigJson.activation("activation_function", config.text("activation_function", "gelu_new")), Biases.ALL, 0);
    LayerConfig layer = new LayerConfig(LayerConfig.Arrangement.PRE_NORM, attention, null, feedForward, norm,
        config.number("resid_pdrop", 0.1));
    EmbeddingConfig embedding = new EmbeddingConfig(TABLE, 1, new EmbeddingPositions.Learned(positions, 0), 0, null,
        config.number("embd_pdrop", 0.1));
    StackConfig decoder = new StackConfig(embedding, Collections.nCopies(config.integer("n_layer"), layer), norm, 0);
    return Heads.decoder(config, "GPT2LMHeadModel", "GPT2Model", width, decoder, true, positions,
        Initialization.normalWithScaledResiduals(config.number("initializer_range", 0.02)));
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames(Layout.TRANSPOSED);
    int width = network.width();
    names.table("transformer.wte.weight", TABLE, network.vocabulary(), width);
    names.table("transformer.wpe.weight", "decoder.positions.weight", config.integer("n_positions"), width);
    for (int i = 0; i < network.decoder().layers().size(); i++) {
      LayerConfig layer = network.decoder().layers().get(i);
      String name = "transformer.h." + i;
      String parameter = "decoder.layers." + i;
      names.norm(name + ".ln_1", parameter + ".norm1", true, width);
      names.fusedAttention(name + ".attn.c_attn", name + ".attn.c_proj", parameter + ".self_attn", null, layer.selfAttention(), width);
      names.norm(name + ".ln_2", parameter + ".norm2", true, width);
      names.linear(name + ".mlp.c_fc", parameter + ".linear1", true, layer.feedForward().inner(), width);
      names.linear(name + ".mlp.c_proj", parameter + ".linear2", true, width, layer.feedForward().inner());
    }
    names.norm("transformer.ln_f", "decoder.norm", true, width);
    Heads.untied(names, network, "lm_head.weight", TABLE);
    return names.all();
  }

  @Override
  public String prefix() {
    return "transformer.";
  }

  @Override
  public List<String> tolerated() {
    return List.of("(transformer\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)", "lm_head\\.weight");
  }
}
