package io.sparkformer.model.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.config.NetworkConfig;
import java.util.List;
import java.util.Optional;

/**
 * A family of networks: how its {@code config.json} describes one, and how its files name and lay out the tensors. One file for each
 * family; {@link Architectures} finds it by the model type.
 */
public interface Architecture {
  /** {@code model_type} in {@code config.json}. */
  String modelType();

  /**
   * The network that a {@code config.json} describes, with the heads of the class that it names; without a class, or of a class without a
   * head, none.
   *
   * @throws IllegalArgumentException naming the key, when a value is missing, out of range or not supported
   */
  NetworkConfig network(ConfigJson config);

  /** The tensors of a network's files, with the names that Hugging Face's classes with a head have. */
  List<TensorMapping> tensors(NetworkConfig network, ConfigJson config);

  /** The published networks, from which people set their own. */
  default Presets presets() {
    return Presets.NONE;
  }

  /** Hugging Face's class of the family that classifies sequences; empty if there is none here. */
  default Optional<String> sequenceClassifier() {
    return Optional.empty();
  }

  /** Adds what else than {@code pad_token_id}, {@code bos_token_id} and {@code eos_token_id} a new network's description says of tokens. */
  default void putTokens(ObjectNode json, SpecialTokens tokens) {}

  /** What the names of the tensors of a model without its head lack: {@code bert.}; old files lack it too. */
  String prefix();

  /** Regular expressions of names that files may hold beside {@link #tensors}: constant buffers, tied copies, parts of other heads. */
  List<String> tolerated();
}
