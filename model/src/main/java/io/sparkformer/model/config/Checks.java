package io.sparkformer.model.config;

/** Checks that the records of this package share; messages name what is wrong, its value and what would do. */
final class Checks {
  private Checks() {}

  static void positive(String key, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException("Invalid %s: %d (must be > 0)".formatted(key, value));
    }
  }

  static void probability(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException("Invalid %s: %s (must be at least 0 and below 1)".formatted(key, value));
    }
  }
}
