package io.sparkformer.jobs.translate;

import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A line in the log every few seconds while sentences are translated: how many, how fast, how long still. */
final class TranslationProgress implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TranslationProgress.class);
  private static final int INTERVAL_SECONDS = 10;
  private static final double NANOS = 1e9;

  private final TranslationCounters counters;
  private final long total;
  private final long startNanos = System.nanoTime();
  private final ScheduledExecutorService clock;

  TranslationProgress(TranslationCounters counters, long total) {
    this.counters = counters;
    this.total = total;
    this.clock = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, "translation-progress");
      thread.setDaemon(true);
      return thread;
    });
    clock.scheduleAtFixedRate(() -> LOG.info(line(counters.sentences().value(), total, seconds())),
        INTERVAL_SECONDS, INTERVAL_SECONDS, TimeUnit.SECONDS);
  }

  /** Sums up the run. */
  String summary() {
    double seconds = seconds();
    long cut = counters.cutSentences().value();
    return String.format(Locale.ROOT, "translated %,d sentences (%,d of them blank), %,d tokens into %,d, in %s: %.1f sentences/s, "
        + "%.0f target tokens/s%s", counters.sentences().value(), counters.blank().value(), counters.sourceTokens().value(),
        counters.targetTokens().value(), duration(seconds), total / seconds, counters.targetTokens().value() / seconds,
        cut == 0 ? "" : String.format(Locale.ROOT, "; %,d sentences were longer than the model accepts: only their beginnings "
            + "are translated", cut));
  }

  static String line(long done, long total, double seconds) {
    String progress = String.format(Locale.ROOT, "translated %,d of %,d sentences (%d%%)", done, total,
        100 * done / Math.max(1, total));
    if (done == 0) {
      return progress;
    }
    double rate = done / seconds;
    return String.format(Locale.ROOT, "%s, %.1f sentences/s, %s left", progress, rate, duration((total - done) / rate));
  }

  private static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600 ? whole / 60 + " min " + whole % 60 + " s" : whole / 3600 + " h " + whole % 3600 / 60 + " min";
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / NANOS;
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
