package io.sparkformer.jobs.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What kind of value a key takes, and how its text is read. */
enum ValueType {
  INTEGER("a whole number", "give digits only, for example 4096"),
  DECIMAL("a number", "give a number, for example 0.1"),
  SWITCH("true or false", "give true or false"),
  DURATION("a duration with a unit", "give for example 90s, 10m or 2h"),
  TEXT("text", "give one value; quote it if it holds : or //"),
  TEXTS("text, or a list of texts", "give for example [\"one\", \"two\"]");

  private static final Pattern DURATION_TEXT = Pattern.compile("\\d+(\\.\\d+)?\\s*[a-zµ]+");

  private final String expected;
  private final String fix;

  ValueType(String expected, String fix) {
    this.expected = expected;
    this.fix = fix;
  }

  /**
   * The type of the values that may replace this default.
   *
   * @param text the default as it stands in the file: 4.0 is a decimal, although it is unwrapped as the integer 4
   */
  static ValueType ofDefault(ConfigValue value, String text) {
    return switch (value.valueType()) {
      case BOOLEAN -> SWITCH;
      case NUMBER -> text.matches("-?\\d+") ? INTEGER : DECIMAL;
      case STRING -> duration(text).isPresent() ? DURATION : TEXT;
      case LIST -> TEXTS;
      default -> TEXT;
    };
  }

  /** The value as Long, Double, Boolean, Duration, String or list of Strings; fails naming key, value and the type expected. */
  Object read(String key, ConfigValue value) {
    String text = String.valueOf(value.unwrapped());
    if (this == TEXTS && value instanceof ConfigList list && list.stream().allMatch(each -> each.unwrapped() instanceof String)) {
      return list.stream().map(each -> (String) each.unwrapped()).toList();
    }
    boolean single = value.valueType() != ConfigValueType.LIST && value.valueType() != ConfigValueType.OBJECT;
    Optional<?> read = !single ? Optional.empty() : switch (this) {
      case INTEGER -> integer(value, text);
      case DECIMAL -> decimal(text);
      case SWITCH -> truth(text);
      case DURATION -> duration(text);
      case TEXT -> Optional.of(text);
      case TEXTS -> Optional.of(List.of(text));
    };
    return read.map(Object.class::cast).orElseThrow(
        () -> InvalidSettingException.problem(key, key + " must be " + expected + ", found " + text, fix));
  }

  private static Optional<Long> integer(ConfigValue value, String text) {
    if (value.unwrapped() instanceof Double number) {
      return number == Math.rint(number) && Math.abs(number) < 1L << 53 ? Optional.of(number.longValue()) : Optional.empty();
    }
    try {
      return Optional.of(Long.valueOf(text));
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  private static Optional<Double> decimal(String text) {
    try {
      return Optional.of(Double.valueOf(text)).filter(number -> !number.isNaN() && !number.isInfinite());
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  private static Optional<Boolean> truth(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on" -> Optional.of(true);
      case "false", "no", "off" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  private static Optional<Duration> duration(String text) {
    if (!DURATION_TEXT.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ConfigFactory.empty().withValue("d", ConfigValueFactory.fromAnyRef(text)).getDuration("d"));
    } catch (ConfigException unknownUnit) {
      return Optional.empty();
    }
  }
}
