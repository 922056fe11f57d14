package io.sparkformer.jobs.page;

import java.util.ArrayList;
import java.util.List;

/** An axis: values from {@code min} to {@code max} on pixels from {@code from} to {@code to}, with ticks at round values. */
record Scale(double min, double max, double from, double to) {
  private static final int TICKS = 5;

  /** The axis that shows all values between two, its ends at ticks. */
  static Scale around(double least, double most, double from, double to) {
    double low = least;
    double high = most;
    if (high - low < 1e-12 * Math.max(1, Math.abs(high))) {
      double room = Math.max(Math.abs(high) * 0.1, 1e-9);
      low -= room;
      high += room;
    }
    double tick = tick(high - low);
    return new Scale(Math.floor(low / tick + 1e-9) * tick, Math.ceil(high / tick - 1e-9) * tick, from, to);
  }

  /** 1, 2 or 5 times a power of 10, so that a range holds about five. */
  private static double tick(double range) {
    double rough = range / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  double at(double value) {
    return from + (value - min) / (max - min) * (to - from);
  }

  List<Double> ticks() {
    double tick = tick(max - min);
    List<Double> ticks = new ArrayList<>();
    for (long i = Math.round(min / tick); i * tick <= max + tick * 1e-6; i++) {
      ticks.add(i * tick);
    }
    return ticks;
  }
}
