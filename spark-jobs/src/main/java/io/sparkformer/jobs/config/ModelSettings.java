package io.sparkformer.jobs.config;

import io.sparkformer.model.architecture.Architecture;
import io.sparkformer.model.architecture.Architectures;
import io.sparkformer.model.architecture.FamilySettings;
import io.sparkformer.model.architecture.InvalidValueException;
import io.sparkformer.model.architecture.NetworkSettings;
import io.sparkformer.model.architecture.Presets;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the {@code model} group: the paper's Transformer by its own keys, or a family by {@code model.FAMILY}, in its words. */
final class ModelSettings {
  private static final String GROUP = "model";
  static final String ARCHITECTURE = GROUP + ".architecture";
  private static final String PRESET = GROUP + ".preset";
  static final String TRANSFORMER = "transformer";

  private ModelSettings() {}

  static NetworkSettings from(SettingValues values) {
    String architecture = values.needed(ARCHITECTURE);
    List<String> choices = new ArrayList<>(List.of(TRANSFORMER));
    Architectures.trainable().forEach(family -> choices.add(family.modelType()));
    Limits.oneOf(ARCHITECTURE, architecture, choices);
    refuseForeign(values, architecture);
    return architecture.equals(TRANSFORMER) ? transformer(values) : family(values, architecture);
  }

  /** The kinds of the families' keys, which base.conf leaves unset. */
  static Map<String, ValueType> keyTypes() {
    Map<String, ValueType> types = new LinkedHashMap<>();
    for (Architecture family : Architectures.trainable()) {
      family.presets().keys().forEach((key, kind) -> types.put(key(family.modelType(), key), type(kind)));
    }
    return types;
  }

  private static ValueType type(Presets.Kind kind) {
    return switch (kind) {
      case INTEGER -> ValueType.INTEGER;
      case DECIMAL -> ValueType.DECIMAL;
      case SWITCH -> ValueType.SWITCH;
      case TEXT -> ValueType.TEXT;
    };
  }

  private static String key(String architecture, String key) {
    return GROUP + "." + architecture + "." + key;
  }

  /** Nothing that is set is ignored: keys of other architectures must be as base.conf has them. */
  private static void refuseForeign(SettingValues values, String architecture) {
    for (String key : KnownKeys.BASE.keys()) {
      String[] parts = key.split("\\.");
      if (!parts[0].equals(GROUP) || key.equals(ARCHITECTURE) || key.equals(PRESET)) {
        continue;
      }
      String owner = parts.length == 2 ? TRANSFORMER : parts[1];
      if (!owner.equals(architecture) && values.isChanged(key)) {
        throw InvalidSettingException.problem(key, key + " is a setting of the architecture " + owner + ", but " + ARCHITECTURE + " is "
            + architecture, architecture.equals(TRANSFORMER) ? "set " + ARCHITECTURE + " = " + owner
            : "take it away; keys of " + architecture + " stand in " + GROUP + "." + architecture);
      }
    }
  }

  private static NetworkSettings family(SettingValues values, String architecture) {
    Presets presets = Architectures.trainable().stream().filter(family -> family.modelType().equals(architecture)).findFirst()
        .orElseThrow().presets();
    String preset = values.text(PRESET).orElse(presets.names().iterator().next());
    Limits.oneOf(PRESET, preset, presets.names());
    Map<String, Object> keys = new LinkedHashMap<>();
    presets.keys().keySet().forEach(key -> values.read(key(architecture, key)).ifPresent(value -> keys.put(key, value)));
    try {
      return new FamilySettings(architecture, preset, keys);
    } catch (InvalidValueException e) {
      throw InvalidSettingException.value(key(architecture, e.key()), e.found(), e.requirement());
    } catch (IllegalArgumentException e) {
      throw InvalidSettingException.problem(GROUP + "." + architecture, "The keys of " + GROUP + "." + architecture
          + " describe no network: " + e.getMessage(), "start from a preset, and change less of it");
    }
  }

  private static NetworkSettings transformer(SettingValues values) {
    Optional<String> preset = values.text(PRESET);
    if (preset.isPresent()) {
      throw InvalidSettingException.value(PRESET, preset.get(), "the transformer has none: set " + ARCHITECTURE
          + ", which has " + presetsOfAll());
    }
    try {
      return new TransformerSettings(
          values.integer("model.encoder-layers"),
          values.integer("model.decoder-layers"),
          values.integer("model.d-model"),
          values.integer("model.heads"),
          values.integer("model.ffn"),
          values.choice("model.norm", NormPosition.values()),
          values.choice("model.activation", Activation.values()),
          values.choice("model.tied-embeddings", TiedEmbeddings.values()),
          values.decimal("model.dropout"),
          values.decimal("model.attention-dropout"),
          values.decimal("model.activation-dropout"),
          values.decimal("model.label-smoothing"),
          values.integer("model.max-length"),
          values.decimal("model.layer-norm-epsilon"));
    } catch (InvalidValueException e) {
      throw InvalidSettingException.value(GROUP + "." + e.key(), e.found(), e.requirement());
    }
  }

  private static String presetsOfAll() {
    return String.join("; ", Architectures.trainable().stream()
        .map(family -> family.modelType() + ": " + String.join(", ", family.presets().names())).toList());
  }
}
