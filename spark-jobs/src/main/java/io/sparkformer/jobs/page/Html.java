package io.sparkformer.jobs.page;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text for HTML and SVG. */
final class Html {
  private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\uFFFE\\uFFFF]");

  private Html() {}

  /** Text that stands for itself, between tags and in attributes; characters that no page may have are shown as missing. */
  static String escape(String text) {
    return CONTROL.matcher(text).replaceAll("\uFFFD").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A coordinate. */
  static String at(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** A number for people, with as many digits as tell something. */
  static String number(double value) {
    double size = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    // A hair below counts as well: ticks are sums of fractions.
    if (size >= 0.9999e9) {
      return String.format(Locale.ROOT, "%.3g G", value / 1e9);
    }
    if (size >= 0.9999e6) {
      return String.format(Locale.ROOT, "%.3g M", value / 1e6);
    }
    if (size >= 1000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    if (size < 1e-4) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    String digits = String.format(Locale.ROOT, size >= 100 ? "%.1f" : size >= 1 ? "%.2f" : "%.4f", value);
    return digits.contains(".") ? digits.replaceFirst("\\.?0+$", "") : digits;
  }
}
