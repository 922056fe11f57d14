package io.sparkformer.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/** Typed reading of checked settings by full key. */
final class SettingValues {
  private final Config config;
  /** Grows with every path to read that is asked for. */
  private final List<Path> inputs;

  SettingValues(Config config) {
    this(config, List.of());
  }

  /** @param given files that the job reads besides those that settings name */
  SettingValues(Config config, List<Path> given) {
    this.config = config;
    this.inputs = new ArrayList<>(given);
  }

  int integer(String key) {
    long value = wide(key);
    if (value != (int) value) {
      throw InvalidSettingException.value(key, value, "must be from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE);
    }
    return (int) value;
  }

  long wide(String key) {
    return (Long) read(key).orElseThrow();
  }

  double decimal(String key) {
    return (Double) read(key).orElseThrow();
  }

  boolean isOn(String key) {
    return (Boolean) read(key).orElseThrow();
  }

  Optional<Duration> duration(String key) {
    return read(key).map(Duration.class::cast);
  }

  Optional<String> text(String key) {
    return read(key).map(String.class::cast);
  }

  @SuppressWarnings("unchecked")
  List<String> texts(String key) {
    return (List<String>) read(key).orElseThrow();
  }

  /** Names: a list of texts, or one text with commas between them, as on the command line. */
  List<String> names(String key) {
    List<String> names = texts(key);
    return names.size() == 1 ? Stream.of(names.get(0).split(",")).map(String::strip).toList() : names;
  }

  /** A whole number; null where the key is. */
  Integer integerIfSet(String key) {
    return isSet(key) ? integer(key) : null;
  }

  /** A number; null where the key is. */
  Double decimalIfSet(String key) {
    return isSet(key) ? decimal(key) : null;
  }

  /** The text of a key that the job cannot do without. */
  String needed(String key) {
    return text(key).filter(text -> !text.isBlank()).orElseThrow(() -> InvalidSettingException.problem(
        key, key + " is not set", "set it in the configuration file, or with --set " + key + "=..."));
  }

  /** The constant whose name, in lower case and with hyphens, is the text of a key. */
  <E extends Enum<E>> E choice(String key, E[] choices) {
    String name = needed(key);
    List<String> names = Stream.of(choices).map(choice -> choice.name().toLowerCase(Locale.ROOT).replace('_', '-')).toList();
    Limits.oneOf(key, name, names);
    return choices[names.indexOf(name)];
  }

  /** The path of something to read. */
  Optional<Path> path(String key) {
    return text(key).map(text -> input(key, text));
  }

  /** The path of something to read. */
  Path neededPath(String key) {
    return input(key, needed(key));
  }

  private Path input(String key, String text) {
    Path path = FileName.path(key, text);
    inputs.add(path);
    return path;
  }

  /** The path of something to write. */
  Path neededOutput(String key) {
    return FileName.output(key, needed(key));
  }

  boolean isSet(String key) {
    return !config.getIsNull(key);
  }

  /** Whether the setting differs from base.conf's. */
  boolean isChanged(String key) {
    return !read(key).equals(new SettingValues(KnownKeys.BASE.defaults()).read(key));
  }

  /** Whether the run's file or the command line sets it, were it to base.conf's value. */
  boolean isGiven(String key) {
    return !config.getIsNull(key) && !config.getValue(key).origin().equals(KnownKeys.BASE.defaultOf(key).origin());
  }

  /** What a job writes; its inputs are all that have been asked for when the job's record is made. */
  OutputSettings output(String pathKey, String overwriteKey) {
    return new OutputSettings(neededOutput(pathKey), isOn(overwriteKey), Collections.unmodifiableList(inputs));
  }

  /** The setting's value; empty when it is null. */
  Optional<Object> read(String key) {
    if (config.getIsNull(key)) {
      return Optional.empty();
    }
    ConfigValue value = config.getValue(key);
    return Optional.of(KnownKeys.BASE.typeOf(key).read(key, value));
  }
}
