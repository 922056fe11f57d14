package io.sparkformer.model.architecture;

import java.util.stream.IntStream;

/** Widths of attention heads. */
final class Widths {
  private Widths() {}

  /** Elements of a head where all heads together are as wide as the residual stream. */
  static int ofHead(int width, int heads) {
    if (heads <= 0 || width % heads != 0) {
      throw new IllegalArgumentException("The number of heads must divide the width: heads=%d, width=%d".formatted(heads, width));
    }
    return width / heads;
  }

  /** The paper's scale of scores. */
  static double scale(int headWidth) {
    return 1 / Math.sqrt(headWidth);
  }

  /** Of the divisors of a number the one next to what is wanted. */
  static int nearestDivisor(int number, int wanted) {
    return IntStream.rangeClosed(1, number).filter(n -> number % n == 0).boxed()
        .min((a, b) -> Integer.compare(Math.abs(a - wanted), Math.abs(b - wanted))).orElse(1);
  }
}
