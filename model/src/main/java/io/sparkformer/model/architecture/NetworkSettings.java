package io.sparkformer.model.architecture;

import java.io.Serializable;

/** A network as people set it, before its vocabulary is known: the paper's Transformer, or one of a family. */
public sealed interface NetworkSettings extends Serializable permits TransformerSettings, FamilySettings {
  /**
   * The description of the network over a vocabulary.
   *
   * @param vocabulary entries, special tokens included
   * @param tokens the special tokens
   * @param seed of initial weights and of dropout
   * @throws IllegalArgumentException when the network needs a special token that the vocabulary lacks
   */
  ModelConfig config(int vocabulary, SpecialTokens tokens, long seed);

  /** The key of the longest sequence within the settings' group {@code model}: {@code max-length}, {@code gpt2.n_positions}. */
  String lengthKey();
}
