package io.sparkformer.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/** Typed reading of checked settings by full key. */
final class SettingValues {
  private final Config config;

  SettingValues(Config config) {
    this.config = config;
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

  Optional<Path> path(String key) {
    return text(key).map(text -> FileName.path(key, text));
  }

  Path neededPath(String key) {
    return FileName.path(key, needed(key));
  }

  /** The path of something to write. */
  Path neededOutput(String key) {
    return FileName.output(key, needed(key));
  }

  /** Whether the setting differs from base.conf's. */
  boolean isChanged(String key) {
    return !read(key).equals(new SettingValues(KnownKeys.BASE.defaults()).read(key));
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
