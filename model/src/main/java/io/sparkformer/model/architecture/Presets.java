package io.sparkformer.model.architecture;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The published networks of a family, each a {@code config.json} under its name, and the keys of it that people may set. The first one is
 * the family's usual size, and has every key; the others say what they differ in.
 */
public final class Presets {
  /** Of a family that can only be read. */
  public static final Presets NONE = new Presets();
  static final String VOCABULARY = "vocab_size";
  /** Where the other families have {@code max_position_embeddings}, GPT-2 and T5 have {@code n_positions}. */
  static final List<String> LENGTHS = List.of("max_position_embeddings", "n_positions");
  /** What the tokenizer and the family give. */
  private static final Set<String> NOT_SET = Set.of("model_type", "architectures", "is_encoder_decoder", VOCABULARY);

  private final Map<String, ObjectNode> byName = new LinkedHashMap<>();
  private final Map<String, Kind> keys = new LinkedHashMap<>();

  /** What kind of value a key takes. */
  public enum Kind { INTEGER, DECIMAL, SWITCH, TEXT }

  private Presets() {}

  /**
   * @param name of the usual network
   * @param config its {@code config.json}; types of values say what kinds may be set
   */
  static Presets of(String name, String config) {
    Presets presets = new Presets();
    ObjectNode json = parse(config);
    presets.byName.put(name, json);
    json.fields().forEachRemaining(each -> {
      if (!NOT_SET.contains(each.getKey())) {
        presets.keys.put(each.getKey(), kind(each.getValue()));
      }
    });
    // A setting of our own, of every family.
    presets.keys.put("label_smoothing", Kind.DECIMAL);
    return presets;
  }

  /** One more network. @param differences from the first one */
  Presets and(String name, String differences) {
    ObjectNode json = byName.values().iterator().next().deepCopy();
    json.setAll(parse(differences));
    byName.put(name, json);
    return this;
  }

  /** One more key, a whole number that follows from others where it is not set. */
  Presets optional(String key) {
    keys.put(key, Kind.INTEGER);
    return this;
  }

  /** The names, the usual one first. */
  public Set<String> names() {
    return byName.keySet();
  }

  /** The keys that may be set. */
  public Map<String, Kind> keys() {
    return keys;
  }

  /** A copy of a published {@code config.json}. */
  ObjectNode get(String name) {
    return byName.get(name).deepCopy();
  }

  private static Kind kind(JsonNode value) {
    return value.isIntegralNumber() ? Kind.INTEGER : value.isNumber() ? Kind.DECIMAL : value.isBoolean() ? Kind.SWITCH : Kind.TEXT;
  }

  private static ObjectNode parse(String json) {
    try {
      JsonNode parsed = new ObjectMapper().readTree(json);
      return parsed instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    } catch (JacksonException e) {
      throw new IllegalStateException("A preset is not JSON: " + json, e);
    }
  }
}
