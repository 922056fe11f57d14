package io.sparkformer.model.architecture;

import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
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

  /** The output projection, where it is a matrix of its own. */
  static void untied(TensorNames names, NetworkConfig network, String name, String embedding) {
    for (HeadConfig head : network.heads()) {
      if (head instanceof HeadConfig.Vocabulary vocabulary && !vocabulary.table().equals(embedding)) {
        names.table(name, vocabulary.table(), network.vocabulary(), network.width());
      }
    }
  }

  /** A setting of our own beside the family's. */
  static double labelSmoothing(ConfigJson config) {
    return config.number("label_smoothing", 0);
  }

  /** A setting of our own beside the family's: what initial weights and dropout masks are a function of. */
  static long seed(ConfigJson config) {
    return (long) config.number("seed", 0);
  }
}
