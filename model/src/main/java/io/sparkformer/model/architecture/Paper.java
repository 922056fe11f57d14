package io.sparkformer.model.architecture;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.EmbeddingConfig;
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
import java.util.Locale;

/**
 * The paper's encoder-decoder (Vaswani et al. 2017), sines and cosines interleaved, as {@code config.json} of format version 1 described
 * it: {@code kind}, {@code d_model}, {@code ffn}, {@code norm} ... Its tensors have PyTorch's names ({@code nn.Transformer}). Such folders
 * are read, and no longer written.
 */
final class Paper implements Architecture {
  /** For {@link Architectures}: files of version 1 name no model type. */
  static final String MODEL_TYPE = "sparkformer-1";

  @Override
  public String modelType() {
    return MODEL_TYPE;
  }

  /** Whether a description is of version 1. */
  static boolean describes(ConfigJson config) {
    return !config.has("model_type") && config.has("kind") && config.has("tied_embeddings");
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    config.require("kind", "encoder-decoder");
    config.require("positions", "sinusoidal");
    config.require("norm", "post", "pre");
    config.require("tied_embeddings", "all", "decoder", "none");
    int width = config.integer("d_model");
    StackConfig encoder = stack(config, width, config.integer("encoder_layers"), Masking.NONE);
    StackConfig decoder = stack(config, width, config.integer("decoder_layers"), Masking.CAUSAL);
    String output = config.text("tied_embeddings").equals("none") ? "output.weight" : decoder.embedding().table();
    return new NetworkConfig(width, config.integer("vocabulary"), encoder, decoder, List.of(new HeadConfig.Vocabulary(output,
        HeadConfig.Vocabulary.Bias.NONE, 1, null, config.number("label_smoothing"))), config.integer("max_length"),
        Initialization.GLOROT, Long.parseLong(config.text("seed")));
  }

  private static StackConfig stack(ConfigJson config, int width, int layers, Masking masking) {
    boolean pre = config.text("norm").equals("pre");
    boolean decodes = masking == Masking.CAUSAL;
    NormConfig norm = NormConfig.layer(config.number("layer_norm_epsilon"));
    FeedForwardConfig feedForward = new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, config.integer("ffn"),
        Activation.valueOf(config.text("activation").toUpperCase(Locale.ROOT)), Biases.ALL, config.number("activation_dropout"));
    LayerConfig layer = new LayerConfig(pre ? Arrangement.PRE_NORM : Arrangement.POST_NORM, attention(config, width, masking),
        decodes ? attention(config, width, Masking.NONE) : null, feedForward, norm, config.number("dropout"));
    String table = config.text("tied_embeddings").equals("all") ? "embedding.weight"
        : decodes ? "target_embedding.weight" : "source_embedding.weight";
    EmbeddingConfig embedding = new EmbeddingConfig(table, Math.sqrt(width),
        new Sinusoidal(Sinusoidal.Layout.INTERLEAVED, 0, width / 2.0), 0, null, config.number("dropout"));
    return new StackConfig(embedding, Collections.nCopies(layers, layer), pre ? norm : null, 0);
  }

  private static AttentionConfig attention(ConfigJson config, int width, Masking masking) {
    int heads = config.integer("heads");
    return new AttentionConfig(heads, heads, Widths.ofHead(config, "d_model", "heads"), Widths.scale(width / heads), Biases.ALL, masking, 0,
        AttentionPositions.NONE, config.number("attention_dropout"));
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames();
    String source = network.encoder().embedding().table();
    String target = network.decoder().embedding().table();
    names.table(source, source, network.vocabulary(), network.width());
    if (!target.equals(source)) {
      names.table(target, target, network.vocabulary(), network.width());
    }
    stack(names, "encoder", network.encoder(), network.width());
    stack(names, "decoder", network.decoder(), network.width());
    Heads.untied(names, network, "output.weight", target);
    return names.all();
  }

  private static void stack(TensorNames names, String stack, StackConfig config, int width) {
    for (int i = 0; i < config.layers().size(); i++) {
      LayerConfig layer = config.layers().get(i);
      String name = stack + ".layers." + i + ".";
      attention(names, name + "self_attn", layer.selfAttention(), width);
      if (layer.crossAttention() != null) {
        attention(names, name + "multihead_attn", layer.crossAttention(), width);
      }
      names.linear(name + "linear1", name + "linear1", true, layer.feedForward().inner(), width);
      names.linear(name + "linear2", name + "linear2", true, width, layer.feedForward().inner());
      for (int norm = 1; norm <= (layer.crossAttention() == null ? 2 : 3); norm++) {
        names.norm(name + "norm" + norm, name + "norm" + norm, true, width);
      }
    }
    if (config.finalNorm() != null) {
      names.norm(stack + ".norm", stack + ".norm", true, width);
    }
  }

  private static void attention(TensorNames names, String name, AttentionConfig attention, int width) {
    names.matrix(name + ".in_proj_weight", name + ".in_proj_weight", attention.inputWidth(), width);
    names.vector(name + ".in_proj_bias", name + ".in_proj_bias", attention.inputWidth());
    names.linear(name + ".out_proj", name + ".out_proj", true, width, attention.queryWidth());
  }

  @Override
  public String prefix() {
    return "";
  }

  @Override
  public List<String> tolerated() {
    return List.of();
  }
}
