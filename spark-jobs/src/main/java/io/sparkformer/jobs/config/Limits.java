package io.sparkformer.jobs.config;

import java.time.Duration;
import java.util.Collection;

/** Checks of ranges for the records. */
final class Limits {
  private Limits() {
  }

  static void positive(String key, long value) {
    atLeast(key, value, 1, "> 0");
  }

  static void notNegative(String key, long value) {
    atLeast(key, value, 0, ">= 0");
  }

  static void atLeast(String key, long value, long least) {
    atLeast(key, value, least, ">= " + least);
  }

  private static void atLeast(String key, long value, long least, String shown) {
    require(value >= least, key, value, "must be " + shown);
  }

  static void positive(String key, double value) {
    require(value > 0 && value < Double.POSITIVE_INFINITY, key, value, "must be > 0");
  }

  static void positive(String key, Duration value) {
    require(value.compareTo(Duration.ZERO) > 0, key, value, "must be > 0");
  }

  static void notNegative(String key, double value) {
    require(value >= 0 && value < Double.POSITIVE_INFINITY, key, value, "must be >= 0");
  }

  /** A probability below 1: from 0, without 1. */
  static void belowOne(String key, double value) {
    require(value >= 0 && value < 1, key, value, "must be >= 0 and < 1");
  }

  static void oneOf(String key, String value, Collection<String> choices) {
    require(choices.contains(value), key, value, "must be " + String.join(" or ", choices));
  }

  static void require(boolean holds, String key, Object found, String requirement) {
    if (!holds) {
      throw InvalidSettingException.value(key, found, requirement);
    }
  }
}
