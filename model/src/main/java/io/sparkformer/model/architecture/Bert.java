package io.sparkformer.model.architecture;

import io.sparkformer.model.config.Activation;
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
import java.util.Optional;

/** BERT (Devlin et al. 2019): a post-norm encoder with learned positions, token types and a norm after the embeddings. */
final class Bert implements Architecture {
  static final String TABLE = "embedding.weight";

  @Override
  public String modelType() {
    return "bert";
  }

  @Override
  public Presets presets() {
    return Presets.of("bert-base", """
            {"model_type": "bert", "architectures": ["BertForMaskedLM"], "vocab_size": 30522, "hidden_size": 768,
             "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072, "max_position_embeddings": 512,
             "type_vocab_size": 2, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
             "layer_norm_eps": 1e-12, "initializer_range": 0.02}""")
        .and("bert-large", sizes(1024, 24))
        // Turc et al. 2019, "Well-Read Students Learn Better".
        .and("bert-tiny", sizes(128, 2)).and("bert-mini", sizes(256, 4)).and("bert-small", sizes(512, 4))
        .and("bert-medium", sizes(512, 8));
  }

  /** Heads of 64 elements, an inner layer of four times the width. */
  static String sizes(int width, int layers) {
    return "{\"hidden_size\": %d, \"num_hidden_layers\": %d, \"num_attention_heads\": %d, \"intermediate_size\": %d}"
        .formatted(width, layers, width / 64, 4 * width);
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    int positions = config.integer("max_position_embeddings");
    StackConfig encoder = encoder(config, config.integer("pad_token_id", 0), new EmbeddingPositions.Learned(positions, 0));
    return new NetworkConfig(config.integer("hidden_size"), config.integer("vocab_size"), encoder, null, heads(config, encoder), positions,
        Initialization.normal(config.number("initializer_range", 0.02)), Heads.seed(config));
  }

  /** The encoder of BERT and of its descendants. */
  static StackConfig encoder(ConfigJson config, int padding, EmbeddingPositions positions) {
    config.refuseQuantization();
    config.require("position_embedding_type", "absolute");
    config.require("is_decoder", false);
    config.require("add_cross_attention", false);
    int heads = config.integer("num_attention_heads");
    int headWidth = Widths.ofHead(config, "hidden_size", "num_attention_heads");
    double dropout = config.number("hidden_dropout_prob", 0.1);
    NormConfig norm = NormConfig.layer(config.number("layer_norm_eps", 1e-12));
    AttentionConfig attention = new AttentionConfig(heads, heads, headWidth, Widths.scale(headWidth), Biases.ALL, Masking.NONE, 0,
        AttentionPositions.NONE, config.number("attention_probs_dropout_prob", 0.1));
    FeedForwardConfig feedForward = new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, config.integer("intermediate_size"),
        ConfigJson.activation("hidden_act", config.text("hidden_act", "gelu")), Biases.ALL, 0);
    LayerConfig layer = new LayerConfig(LayerConfig.Arrangement.POST_NORM, attention, null, feedForward, norm, dropout);
    EmbeddingConfig embedding = new EmbeddingConfig(TABLE, padding, 1, positions, config.integer("type_vocab_size", 2), norm, dropout);
    return new StackConfig(embedding, Collections.nCopies(config.integer("num_hidden_layers"), layer), null, 0);
  }

  private static List<HeadConfig> heads(ConfigJson config, StackConfig encoder) {
    HeadConfig vocabulary = new HeadConfig.Vocabulary(TABLE, HeadConfig.Vocabulary.Bias.TRAINED, 1,
        new HeadConfig.Transform(encoder.layers().get(0).feedForward().activation(), encoder.embedding().norm()),
        Heads.labelSmoothing(config));
    double classifierDropout = config.number("classifier_dropout", encoder.embedding().dropout());
    String name = config.classes().isEmpty() ? "BertModel" : config.classes().get(0);
    return switch (name) {
      case "BertModel" -> List.of();
      case "BertForMaskedLM" -> List.of(vocabulary);
      case "BertForPreTraining" -> List.of(vocabulary,
          new HeadConfig.SequenceClass(2, HeadConfig.SequenceClass.Problem.SINGLE_LABEL, Activation.TANH, 0));
      case "BertForSequenceClassification" ->
          List.of(new HeadConfig.SequenceClass(config.labels(), config.problem(), Activation.TANH, classifierDropout));
      case "BertForTokenClassification" -> List.of(new HeadConfig.TokenClass(config.labels(), classifierDropout));
      case "BertForQuestionAnswering" -> List.of(new HeadConfig.Span());
      default -> throw ConfigJson.unknown("architectures", name, "BertModel, BertForMaskedLM, BertForPreTraining, "
          + "BertForSequenceClassification, BertForTokenClassification, BertForQuestionAnswering");
    };
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames();
    encoder(names, "bert", network);
    network.heads().forEach(head -> addHead(names, head, network, config));
    return names.all();
  }

  /** The tensors of the encoder of BERT and of its descendants. */
  static void encoder(TensorNames names, String prefix, NetworkConfig network) {
    StackConfig encoder = network.encoder();
    int width = network.width();
    String embeddings = prefix + ".embeddings.";
    names.table(embeddings + "word_embeddings.weight", TABLE, network.vocabulary(), width);
    names.table(embeddings + "position_embeddings.weight", "encoder.positions.weight",
        ((EmbeddingPositions.Learned) encoder.embedding().positions()).rows(), width);
    names.table(embeddings + "token_type_embeddings.weight", "encoder.token_types.weight", encoder.embedding().tokenTypes(), width);
    names.norm(embeddings + "LayerNorm", "encoder.embedding_norm", true, width);
    for (int i = 0; i < encoder.layers().size(); i++) {
      LayerConfig layer = encoder.layers().get(i);
      String name = prefix + ".encoder.layer." + i;
      String parameter = "encoder.layers." + i;
      String attention = name + ".attention.self.";
      names.splitAttention(List.of(attention + "query", attention + "key", attention + "value", name + ".attention.output.dense"),
          parameter + ".self_attn", layer.selfAttention(), width);
      names.norm(name + ".attention.output.LayerNorm", parameter + ".norm1", true, width);
      names.linear(name + ".intermediate.dense", parameter + ".linear1", true, layer.feedForward().inner(), width);
      names.linear(name + ".output.dense", parameter + ".linear2", true, width, layer.feedForward().inner());
      names.norm(name + ".output.LayerNorm", parameter + ".norm2", true, width);
    }
  }

  private static void addHead(TensorNames names, HeadConfig head, NetworkConfig network, ConfigJson config) {
    int width = network.width();
    if (head instanceof HeadConfig.Vocabulary) {
      names.linear("cls.predictions.transform.dense", "output.transform", true, width, width);
      names.norm("cls.predictions.transform.LayerNorm", "output.transform.norm", true, width);
      names.vector("cls.predictions.bias", "output.bias", network.vocabulary());
    } else if (head instanceof HeadConfig.SequenceClass classes) {
      names.linear("bert.pooler.dense", "pooler", true, width, width);
      names.linear(config.isClass("BertForPreTraining") ? "cls.seq_relationship" : "classifier", "classifier", true, classes.labels(),
          width);
    } else {
      addTokenHead(names, head, width);
    }
  }

  /** The tensors of a head of every token, which BERT and its descendants name alike. */
  static void addTokenHead(TensorNames names, HeadConfig head, int width) {
    if (head instanceof HeadConfig.TokenClass classes) {
      names.linear("classifier", "classifier", true, classes.labels(), width);
    } else {
      names.linear("qa_outputs", "span", true, 2, width);
    }
  }

  @Override
  public Optional<String> sequenceClassifier() {
    return Optional.of("BertForSequenceClassification");
  }

  @Override
  public String prefix() {
    return "bert.";
  }

  @Override
  public List<String> tolerated() {
    return List.of("(bert\\.)?embeddings\\.position_ids", "(bert\\.)?pooler\\.dense\\.(weight|bias)", "cls\\..*");
  }
}
