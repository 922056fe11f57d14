package io.sparkformer.model.architecture;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Widths of attention heads. */
final class Widths {
  private Widths() {}

  /**
   * Elements of a head where all heads together are as wide as the residual stream.
   *
   * @param widthKey where the description has the width
   * @param headsKey where it has the number of heads
   */
  static int ofHead(ConfigJson config, String widthKey, String headsKey) {
    int width = config.integer(widthKey);
    int heads = config.integer(headsKey);
    if (heads <= 0 || width % heads != 0) {
      throw ConfigJson.invalid(headsKey, heads, mustDivide(widthKey, width, heads));
    }
    return width / heads;
  }

  /** What is required of the number of heads. */
  static String mustDivide(String widthKey, int width, int heads) {
    return "must divide %s, %d; try %d".formatted(widthKey, width, nearestDivisor(width, heads));
  }

  /** The paper's scale of scores. */
  static double scale(int headWidth) {
    return 1 / Math.sqrt(headWidth);
  }

  /** Of the divisors of a number the one next to what is wanted; of two, the larger. */
  private static int nearestDivisor(int number, int wanted) {
    return IntStream.rangeClosed(1, number).filter(n -> number % n == 0).boxed()
        .min(Comparator.<Integer>comparingInt(n -> Math.abs(n - wanted)).thenComparing(Comparator.reverseOrder())).orElse(1);
  }
}
