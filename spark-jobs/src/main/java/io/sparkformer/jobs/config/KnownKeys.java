package io.sparkformer.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The keys of base.conf in its order, with their defaults and types. */
final class KnownKeys {
  /** Of the keys that base.conf leaves null, those that are not text. */
  private static final Map<String, ValueType> TYPES_OF_UNSET = typesOfUnset();

  static final KnownKeys BASE = new KnownKeys(parseBase());

  private final Config defaults;
  private final Map<String, ConfigValue> values = new LinkedHashMap<>();

  private KnownKeys(Config defaults) {
    this.defaults = defaults;
    List<Map.Entry<String, ConfigValue>> leaves = new ArrayList<>();
    eachLeaf(defaults.root(), (key, value) -> leaves.add(Map.entry(key, value)));
    leaves.sort(Comparator.comparingInt(leaf -> leaf.getValue().origin().lineNumber()));
    leaves.forEach(leaf -> values.put(leaf.getKey(), leaf.getValue()));
  }

  Config defaults() {
    return defaults;
  }

  Iterable<String> keys() {
    return values.keySet();
  }

  boolean contains(String key) {
    return values.containsKey(key);
  }

  /** Whether the key is a group of settings, like {@code train.optimizer}. */
  boolean isGroup(String key) {
    return values.keySet().stream().anyMatch(known -> known.startsWith(key + "."));
  }

  ConfigValue defaultOf(String key) {
    return values.get(key);
  }

  boolean mayBeNull(String key) {
    return values.get(key).valueType() == ConfigValueType.NULL;
  }

  ValueType typeOf(String key) {
    ConfigValue value = values.get(key);
    return value.valueType() == ConfigValueType.NULL
        ? TYPES_OF_UNSET.getOrDefault(key, ValueType.TEXT)
        : ValueType.ofDefault(value, value.valueType() == ConfigValueType.LIST ? "" : defaults.getString(key));
  }

  private static Map<String, ValueType> typesOfUnset() {
    Map<String, ValueType> types = new LinkedHashMap<>(ModelSettings.keyTypes());
    types.put("train.max-time", ValueType.DURATION);
    for (String key : List.of("beam", "groups", "min-length", "no-repeat-ngram")) {
      types.put("translate." + key, ValueType.INTEGER);
    }
    for (String key : List.of("length-penalty", "diversity", "repetition-penalty")) {
      types.put("translate." + key, ValueType.DECIMAL);
    }
    for (String key : List.of("beam", "groups", "top-k", "no-repeat-ngram", "max-new-tokens", "min-new-tokens")) {
      types.put("generate." + key, ValueType.INTEGER);
    }
    for (String key : List.of("length-penalty", "diversity", "temperature", "top-p", "min-p", "repetition-penalty")) {
      types.put("generate." + key, ValueType.DECIMAL);
    }
    return types;
  }

  /** For messages: what the group of a key within a group of groups ({@code model.gpt2.n_layer}) holds; empty for other keys. */
  String siblings(String key) {
    String group = key.substring(0, key.lastIndexOf('.') + 1);
    List<String> names = values.keySet().stream().filter(known -> known.startsWith(group)).map(known -> known.substring(group.length()))
        .filter(name -> !name.contains(".")).toList();
    return group.indexOf('.') == group.length() - 1 || names.isEmpty() ? ""
        : " " + group.substring(0, group.length() - 1) + " has " + String.join(", ", names);
  }

  /** The known key that is most like an unknown one. */
  String nearest(String unknown) {
    String plain = unknown.replaceAll("([a-z])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
    return values.keySet().stream().min(Comparator.comparingInt(known -> unlikeness(plain, known))).orElseThrow();
  }

  private static int unlikeness(String unknown, String known) {
    // A key without its group, or in a wrong group, is more alike than the edit distance says.
    String lastWord = known.substring(known.lastIndexOf('.') + 1);
    int wrongGroup = 2 + distance(unknown.substring(unknown.lastIndexOf('.') + 1), lastWord) * 2;
    return known.endsWith("." + unknown) ? 1 : Math.min(distance(unknown, known), wrongGroup);
  }

  /** Edit distance (Levenshtein) of two words. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  /** Visits every value that is not a group, nulls included. */
  static void eachLeaf(ConfigObject root, BiConsumer<String, ConfigValue> visitor) {
    visit("", root, visitor);
  }

  private static void visit(String prefix, ConfigObject object, BiConsumer<String, ConfigValue> visitor) {
    object.forEach((name, value) -> {
      String key = prefix + ConfigUtil.joinPath(name);
      if (value instanceof ConfigObject group && !group.isEmpty()) {
        visit(key + ".", group, visitor);
      } else {
        visitor.accept(key, value);
      }
    });
  }

  /** Where a value was set: {@code conf/x.conf:12}, or {@code --beam 4}. */
  static String place(ConfigValue value) {
    return Optional.ofNullable(value.origin().description()).orElse("?").replaceFirst(": (\\d+)(-\\d+)?$", ":$1");
  }

  private static Config parseBase() {
    return SettingsFile.ofJar("base.conf").resolve();
  }
}
