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

  /**
   * This description with a classifier of sequences in place of all heads.
   *
   * @param labels names of the classes, by their numbers; empty for a value (regression)
   * @throws IllegalArgumentException when the family has no such class here
   */
  public ModelConfig forSequences(List<String> labels) {
    String name = architecture.sequenceClassifier().orElseThrow(() -> new IllegalArgumentException(
        "config.json: model_type = %s cannot classify texts here; supported: %s".formatted(json.modelType(),
            String.join(", ", Architectures.sequenceClassifiers()))));
    ObjectNode changed = json();
    changed.putArray("architectures").add(name);
    changed.put(ConfigJson.PROBLEM, labels.isEmpty() ? ConfigJson.REGRESSION : ConfigJson.SINGLE_LABEL);
    changed.remove("num_labels");
    ObjectNode names = changed.putObject("id2label");
    ObjectNode numbers = changed.putObject("label2id");
    List<String> all = labels.isEmpty() ? List.of("LABEL_0") : labels;
    for (int label = 0; label < all.size(); label++) {
      names.put(Integer.toString(label), all.get(label));
      numbers.put(all.get(label), label);
    }
    return of(changed);
  }

  /** The names of the classes of its classifier, by their numbers. */
  public List<String> labelNames() {
    return json.labelNames();
  }

  /** Whether the heads of this description and of another compute the same of the same classes, dropout aside. */
  public boolean hasHeadsOf(ModelConfig other) {
    return network.withoutRegularization().heads().equals(other.network.withoutRegularization().heads())
        && labelNames().equals(other.labelNames());
  }

  /** This description without heads. */
  public ModelConfig withoutHeads() {
    ObjectNode changed = json();
    changed.remove("architectures");
    return of(changed);
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
