package io.sparkformer.jobs.prepare;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Progress lines: what each stage gave, and how long it took.
 */
final class StageClock {

  private static final Logger LOG = LoggerFactory.getLogger(StageClock.class);
  private static final double NANOS_PER_SECOND = 1e9;

  private final long startNanos = System.nanoTime();
  private long stageNanos = startNanos;

  /**
   * Says that a stage begins.
   */
  void begin(String stage, String what) {
    stageNanos = System.nanoTime();
    LOG.info("{}: {}", stage, what);
  }

  /**
   * Says what the stage gave.
   *
   * @param result as for {@link String#format}
   */
  void end(String stage, String result, Object... arguments) {
    double seconds = (System.nanoTime() - stageNanos) / NANOS_PER_SECOND;
    LOG.info("{}: {} in {} s", stage, String.format(Locale.ROOT, result, arguments), String.format(Locale.ROOT, "%.1f", seconds));
  }

  double totalSeconds() {
    return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
  }
}
