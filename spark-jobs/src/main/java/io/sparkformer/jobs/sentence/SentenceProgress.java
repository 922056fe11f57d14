package io.sparkformer.jobs.sentence;

import static io.sparkformer.jobs.cli.Progress.duration;

import io.sparkformer.jobs.cli.Progress;
import java.util.Locale;
import org.apache.spark.util.LongAccumulator;

/** Shows while a job runs how many sentences are done, how fast, and how long the rest takes. */
final class SentenceProgress implements AutoCloseable {

  private static final double NANOS = 1e9;

  private final long startNanos = System.nanoTime();
  private final Progress progress;

  /** @param verb what is done to sentences, {@code translated} */
  SentenceProgress(String verb, LongAccumulator done, long total) {
    this.progress = new Progress(() -> line(verb, done.value(), total, seconds()));
  }

  static String line(String verb, long done, long total, double seconds) {
    String progress = String.format(Locale.ROOT, "%s %,d of %,d sentences (%d%%)", verb, done, total, 100 * done / Math.max(1, total));
    if (done == 0) {
      return progress;
    }
    double rate = done / seconds;
    return String.format(Locale.ROOT, "%s, %.1f sentences/s, %s left", progress, rate, duration((total - done) / rate));
  }

  double seconds() {
    return (System.nanoTime() - startNanos) / NANOS;
  }

  @Override
  public void close() {
    progress.close();
  }
}
