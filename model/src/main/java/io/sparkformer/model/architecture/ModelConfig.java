package io.sparkformer.model.architecture;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.config.NetworkConfig;
import java.util.List;

/**
 * What a {@code config.json} says, and the network that it describes. Keys that nothing here reads are kept, so that a description that is
 * written is the one that was read.
 */
public final class ModelConfig {
  private final ConfigJson json;
  private final Architecture architecture;
  private final NetworkConfig network;

  private ModelConfig(ConfigJson json) {
    this.json = json;
    this.architecture = Architectures.of(json);
    this.network = architecture.network(json);
  }

  /** @throws IllegalArgumentException naming the key, when a value is missing, out of range or not supported */
  public static ModelConfig of(ObjectNode json) {
    // Through its text, so that numbers are of the same kinds however a description came about, and equal ones are equal.
    return parse(json.toString());
  }

  /**
   * @param text the content of a {@code config.json}
   * @throws IllegalArgumentException when it is not a JSON object, or as {@link #of}
   */
  public static ModelConfig parse(String text) {
    try {
      JsonNode json = new ObjectMapper().readTree(text);
      if (!(json instanceof ObjectNode object)) {
        throw new IllegalArgumentException("config.json must be a JSON object");
      }
      return new ModelConfig(new ConfigJson(object));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("config.json is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  public NetworkConfig network() {
    return network;
  }

  /** A copy of the description. */
  public ObjectNode json() {
    return json.json().deepCopy();
  }

  /** The text of the description. */
  public String text() {
    return json.json().toPrettyString() + "\n";
  }

  /** The tensors of the model's files. */
  public List<TensorMapping> tensors() {
    return architecture.tensors(network, json);
  }

  /**
   * This description with a key set that training alone reads: dropout, label smoothing.
   *
   * @param key of {@code config.json}
   * @throws InvalidValueException when the value is out of range, or changes what the network computes
   */
  public ModelConfig withTrainingKey(String key, Object value) {
    ModelConfig changed;
    try {
      changed = of(json().putPOJO(key, value));
    } catch (IllegalArgumentException e) {
      throw new InvalidValueException(key, value, e.getMessage());
    }
    if (!changed.network.withoutRegularization().equals(network.withoutRegularization())) {
      throw new InvalidValueException(key, value, "it would be another network than that of the model folder, over which only dropout and "
          + "label smoothing can be set");
    }
    return changed;
  }

  /** What the names of tensors may lack: see {@link Architecture#prefix}. */
  public String prefix() {
    return architecture.prefix();
  }

  /** See {@link Architecture#tolerated}. */
  public List<String> tolerated() {
    return architecture.tolerated();
  }

  /** Whether this is how the format's first version described a network: such folders are read, and no longer written. */
  public boolean isOfFirstVersion() {
    return Paper.describes(json);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelConfig config && json.json().equals(config.json.json());
  }

  @Override
  public int hashCode() {
    return json.json().hashCode();
  }

  @Override
  public String toString() {
    return json.json().toString();
  }
}
