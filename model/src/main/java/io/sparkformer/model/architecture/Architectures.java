package io.sparkformer.model.architecture;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All families, by the model type of their {@code config.json}. */
public final class Architectures {
  private static final Map<String, Architecture> BY_MODEL_TYPE = new TreeMap<>();

  static {
    for (Architecture architecture : List.of(new Bert(), new Falcon(), new Gpt2(), Llama.llama(), Marian.m2m100(), Marian.marian(),
        Llama.mistral(), new Opt(), Roberta.roberta(), Roberta.xlmRoberta(), new T5())) {
      BY_MODEL_TYPE.put(architecture.modelType(), architecture);
    }
  }

  private static final Architecture PAPER = new Paper();

  private Architectures() {}

  public static boolean isSupported(String modelType) {
    return BY_MODEL_TYPE.containsKey(modelType);
  }

  /** The families of which networks can be begun, by model type. */
  public static List<Architecture> trainable() {
    return BY_MODEL_TYPE.values().stream().filter(architecture -> !architecture.presets().names().isEmpty()).toList();
  }

  /** Model types of the families that classify sequences. */
  static List<String> sequenceClassifiers() {
    return BY_MODEL_TYPE.values().stream().filter(architecture -> architecture.sequenceClassifier().isPresent())
        .map(Architecture::modelType).toList();
  }

  /** @throws InvalidValueException listing the families of which networks can be begun, when this is none */
  static Architecture named(String modelType) {
    return trainable().stream().filter(architecture -> architecture.modelType().equals(modelType)).findFirst()
        .orElseThrow(() -> new InvalidValueException("architecture", modelType,
            "must be one of " + String.join(", ", trainable().stream().map(Architecture::modelType).toList())));
  }

  /** The family of a published network. */
  static String ofPreset(String name) {
    return trainable().stream().filter(architecture -> architecture.presets().names().contains(name)).findFirst()
        .orElseThrow(() -> new InvalidValueException("preset", name, "must be one of "
            + String.join(", ", trainable().stream().flatMap(architecture -> architecture.presets().names().stream()).toList())))
        .modelType();
  }

  /** @throws IllegalArgumentException when the model is of no family here */
  public static Architecture of(ConfigJson config) {
    if (Paper.describes(config)) {
      return PAPER;
    }
    Architecture architecture = BY_MODEL_TYPE.get(config.modelType());
    if (architecture == null) {
      throw ConfigJson.unknown("model_type", config.modelType(), String.join(", ", BY_MODEL_TYPE.keySet()));
    }
    return architecture;
  }
}
