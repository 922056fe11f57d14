package io.sparkformer.model.architecture;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.Initialization;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.StackConfig;
import java.util.List;
import java.util.Optional;

/**
 * RoBERTa (Liu et al. 2019) and XLM-RoBERTa (Conneau et al. 2020): BERT whose positions count from behind the padding token, with heads of
 * their own. The two differ in their tokenizers and in the names of their classes.
 */
final class Roberta implements Architecture {
  private final String modelType;
  /** What the names of Hugging Face's classes begin with. */
  private final String classes;

  private Roberta(String modelType, String classes) {
    this.modelType = modelType;
    this.classes = classes;
  }

  static Roberta roberta() {
    return new Roberta("roberta", "Roberta");
  }

  static Roberta xlmRoberta() {
    return new Roberta("xlm-roberta", "XLMRoberta");
  }

  @Override
  public String modelType() {
    return modelType;
  }

  @Override
  public Presets presets() {
    return modelType.equals("roberta") ? Presets.of("roberta-base", """
            {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"], "vocab_size": 50265, "hidden_size": 768,
             "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072, "max_position_embeddings": 514,
             "type_vocab_size": 1, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
             "layer_norm_eps": 1e-5, "initializer_range": 0.02}""")
        .and("roberta-large", Bert.sizes(1024, 24)) : Presets.NONE;
  }

  @Override
  public NetworkConfig network(ConfigJson config) {
    int padding = config.integer("pad_token_id", 1);
    int rows = config.integer("max_position_embeddings");
    StackConfig encoder = Bert.encoder(config, padding, new EmbeddingPositions.Learned(rows, padding + 1));
    return new NetworkConfig(config.integer("hidden_size"), config.integer("vocab_size"), encoder, null, heads(config, encoder),
        rows - padding - 1, Initialization.normal(config.number("initializer_range", 0.02)), Heads.seed(config));
  }

  private List<HeadConfig> heads(ConfigJson config, StackConfig encoder) {
    double dropout = config.number("classifier_dropout", encoder.embedding().dropout());
    String name = config.classes().isEmpty() ? classes + "Model" : config.classes().get(0);
    if (!name.startsWith(classes)) {
      throw unknown(name);
    }
    return switch (name.substring(classes.length())) {
      case "Model" -> List.of();
      // This head's activation is the exact GELU whatever hidden_act is.
      case "ForMaskedLM" -> List.of(new HeadConfig.Vocabulary(Bert.TABLE, HeadConfig.Vocabulary.Bias.TRAINED, 1,
          new HeadConfig.Transform(Activation.GELU, encoder.embedding().norm()), Heads.labelSmoothing(config)));
      case "ForSequenceClassification" ->
          List.of(new HeadConfig.SequenceClass(config.labels(), config.problem(), Activation.TANH, dropout, dropout));
      case "ForTokenClassification" -> List.of(new HeadConfig.TokenClass(config.labels(), dropout));
      case "ForQuestionAnswering" -> List.of(new HeadConfig.Span());
      default -> throw unknown(name);
    };
  }

  private IllegalArgumentException unknown(String name) {
    return ConfigJson.unknown("architectures", name, classes + "Model, " + classes + "ForMaskedLM, " + classes
        + "ForSequenceClassification, " + classes + "ForTokenClassification, " + classes + "ForQuestionAnswering");
  }

  @Override
  public List<TensorMapping> tensors(NetworkConfig network, ConfigJson config) {
    TensorNames names = new TensorNames();
    Bert.encoder(names, "roberta", network);
    network.heads().forEach(head -> addHead(names, head, network));
    return names.all();
  }

  private static void addHead(TensorNames names, HeadConfig head, NetworkConfig network) {
    int width = network.width();
    if (head instanceof HeadConfig.Vocabulary) {
      names.linear("lm_head.dense", "output.transform", true, width, width);
      names.norm("lm_head.layer_norm", "output.transform.norm", true, width);
      names.vector("lm_head.bias", "output.bias", network.vocabulary());
    } else if (head instanceof HeadConfig.SequenceClass classes) {
      names.linear("classifier.dense", "pooler", true, width, width);
      names.linear("classifier.out_proj", "classifier", true, classes.labels(), width);
    } else {
      Bert.addTokenHead(names, head, width);
    }
  }

  @Override
  public Optional<String> sequenceClassifier() {
    return Optional.of(classes + "ForSequenceClassification");
  }

  @Override
  public String prefix() {
    return "roberta.";
  }

  @Override
  public List<String> tolerated() {
    return List.of("(roberta\\.)?embeddings\\.(position|token_type)_ids", "(roberta\\.)?pooler\\.dense\\.(weight|bias)", "lm_head\\..*");
  }
}
