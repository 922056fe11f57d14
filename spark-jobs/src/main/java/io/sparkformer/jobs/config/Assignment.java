package io.sparkformer.jobs.config;

import java.util.Objects;

/**
 * One {@code key=value} of the command line.
 *
 * @param key the full key, {@code train.batch-tokens}
 * @param value the value as typed; never parsed as HOCON, so paths need no quotes
 * @param place what a message shows as its origin: {@code --set train.batch-tokens=1}, {@code --beam 4}
 */
public record Assignment(String key, String value, String place) {
  public Assignment {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(place, "place");
  }

  /** Reads {@code key=value}; the value may hold further equals signs, or be empty. */
  public static Assignment parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw InvalidSettingException.problem(text, "--set " + text + " is not an assignment", "write --set key=value");
    }
    return new Assignment(text.substring(0, equals).strip(), text.substring(equals + 1).strip(), "--set " + text);
  }
}
