package io.sparkformer.model.architecture;

import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.Initialization;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.StackConfig;
import java.util.List;

/** What families share about heads and about settings that only training reads. */
final class Heads {
  private Heads() {}

  /**
   * The head of a language model, if the file's class has it.
   *
   * @param withHead name of the class with the head; it is assumed where the file names none
   * @param without name of the class without
   */
  static List<HeadConfig> language(ConfigJson config, String withHead, String without, HeadConfig.Vocabulary head) {
    if (config.isClass(without)) {
      return List.of();
    }
    if (!config.classes().isEmpty() && !config.isClass(withHead)) {
      throw ConfigJson.unknown("architectures", config.classes().toString(), withHead + ", " + without);
    }
    return List.of(head);
  }

  /**
   * A decoder by itself with the head of a language model.
   *
   * @param withHead as in {@link #language}
   * @param tied whether the output projection is the embedding where {@code tie_word_embeddings} does not say
   */
  static NetworkConfig decoder(ConfigJson config, String withHead, String without, int width, StackConfig decoder, boolean tied,
      int maxLength, Initialization initialization) {
    String table = config.flag("tie_word_embeddings", tied) ? decoder.embedding().table() : "output.weight";
    HeadConfig.Vocabulary head = new HeadConfig.Vocabulary(table, HeadConfig.Vocabulary.Bias.NONE, 1, null, labelSmoothing(config));
    return new NetworkConfig(width, config.integer("vocab_size"), null, decoder, language(config, withHead, without, head), maxLength,
        initialization, seed(config));
  }

  /** The output projection, where it is a matrix of its own. */
  static void untied(TensorNames names, NetworkConfig network, String name, String embedding) {
    for (HeadConfig head : network.heads()) {
      if (head instanceof HeadConfig.Vocabulary vocabulary && !vocabulary.table().equals(embedding)) {
        names.table(name, vocabulary.table(), network.vocabulary(), network.width());
      }
    }
  }

  /** The token that the decoders of some families begin with. */
  static int padding(String modelType, SpecialTokens tokens) {
    if (tokens.padding() == SpecialTokens.NONE) {
      throw new IllegalArgumentException("A network of %s begins a translation with the padding token, which the tokenizer lacks"
          .formatted(modelType));
    }
    return tokens.padding();
  }

  /** A setting of our own beside the family's. */
  static double labelSmoothing(ConfigJson config) {
    return config.number("label_smoothing", 0);
  }

  /** A setting of our own beside the family's: what initial weights and dropout masks are a function of. */
  static long seed(ConfigJson config) {
    return Long.parseLong(config.text("seed", "0"));
  }
}
