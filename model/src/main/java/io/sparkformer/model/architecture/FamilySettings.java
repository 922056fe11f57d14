package io.sparkformer.model.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * A network of a family: a published one, of which some keys of {@code config.json} are set otherwise.
 *
 * @param architecture the family's model type
 * @param preset name of the published network
 * @param keys what differs from it: whole numbers, decimal numbers, booleans and text by their kinds
 */
public record FamilySettings(String architecture, String preset, Map<String, Object> keys) implements NetworkSettings {
  /** A vocabulary to check everything else with. */
  private static final int ANY_VOCABULARY = 16;
  private static final SpecialTokens ANY_TOKENS = new SpecialTokens(0, 1, 2);

  /** @throws InvalidValueException naming the key, when a value is unknown, out of range or not supported */
  public FamilySettings {
    keys = Map.copyOf(keys);
    Presets presets = Architectures.named(architecture).presets();
    for (String key : keys.keySet()) {
      if (!presets.keys().containsKey(key)) {
        throw new InvalidValueException(key, keys.get(key), "%s has no such key; it has %s".formatted(architecture,
            String.join(", ", presets.keys().keySet())));
      }
    }
    if (!presets.names().contains(preset)) {
      throw new InvalidValueException("preset", preset, "presets of %s: %s".formatted(architecture, String.join(", ", presets.names())));
    }
    config(architecture, preset, keys, ANY_VOCABULARY, ANY_TOKENS, 0);
  }

  /** A published network as it is, of the family that has it. */
  public static FamilySettings preset(String name) {
    return new FamilySettings(Architectures.ofPreset(name), name, Map.of());
  }

  /** Entries of the published network's vocabulary. */
  public int publishedVocabulary() {
    return Architectures.named(architecture).presets().get(preset).path(Presets.VOCABULARY).asInt();
  }

  @Override
  public ModelConfig config(int vocabulary, SpecialTokens tokens, long seed) {
    return config(architecture, preset, keys, vocabulary, tokens, seed);
  }

  @Override
  public String lengthKey() {
    Presets presets = Architectures.named(architecture).presets();
    return architecture + "." + Presets.LENGTHS.stream().filter(presets.keys()::containsKey).findFirst().orElseThrow();
  }

  private static ModelConfig config(String architecture, String preset, Map<String, Object> keys, int vocabulary, SpecialTokens tokens,
      long seed) {
    Architecture family = Architectures.named(architecture);
    ObjectNode json = family.presets().get(preset);
    json.put("torch_dtype", "float32");
    keys.forEach(json::putPOJO);
    json.put(Presets.VOCABULARY, vocabulary).put("seed", seed);
    put(json, "pad_token_id", tokens.padding());
    put(json, "bos_token_id", tokens.begin());
    put(json, "eos_token_id", tokens.end());
    family.putTokens(json, tokens);
    return ModelConfig.of(json);
  }

  private static void put(ObjectNode json, String key, int token) {
    if (token != SpecialTokens.NONE) {
      json.put(key, token);
    }
  }
}
