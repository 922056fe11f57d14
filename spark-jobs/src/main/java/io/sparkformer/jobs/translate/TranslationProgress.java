package io.sparkformer.jobs.translate;

import static io.sparkformer.jobs.cli.Progress.duration;

import io.sparkformer.jobs.cli.Progress;
import java.util.Locale;

/** Shows while sentences are translated how many are done, how fast, and how long the rest takes. */
final class TranslationProgress implements AutoCloseable {

  private static final double NANOS = 1e9;

  private final TranslationCounters counters;
  private final long total;
  private final long startNanos = System.nanoTime();
  private final Progress progress;

  TranslationProgress(TranslationCounters counters, long total) {
    this.counters = counters;
    this.total = total;
    this.progress = new Progress(() -> line(counters.sentences().value(), total, seconds()));
  }

  /** Sums up the run. */
  String summary() {
    double seconds = seconds();
    long blank = counters.blank().value();
    long cut = counters.cutSentences().value();
    return String.format(Locale.ROOT, "translated %,d sentences%s in %s (%.1f a second), %,d tokens into %,d%s",
        counters.sentences().value(), blank == 0 ? "" : String.format(Locale.ROOT, " (%,d of them blank)", blank), duration(seconds),
        total / seconds, counters.sourceTokens().value(), counters.targetTokens().value(),
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

  private double seconds() {
    return (System.nanoTime() - startNanos) / NANOS;
  }

  @Override
  public void close() {
    progress.close();
  }
}
