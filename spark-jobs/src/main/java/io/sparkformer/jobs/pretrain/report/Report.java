package io.sparkformer.jobs.pretrain.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.sparkformer.jobs.trace.Phase;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What workers tell the driver: the first one all that happens, which it also writes to the metrics, the others their long waits. */
public sealed interface Report extends Serializable {
  /** Number of updates made. */
  long step();

  /** What a person reads. */
  String line();

  /** The record's name in the metrics. */
  String kind();

  /**
   * Progress since the last such report.
   *
   * @param epoch passes over the data, from 1
   * @param loss label-smoothed cross-entropy, what is minimized, nats per target token
   * @param gradientNorm global norm of the last gradient, before clipping; with local steps the mean over the norms of the workers' own
   *     gradients since the last averaging
   * @param targetTokensPerSecond of all workers, end tokens included
   * @param seconds since this start of the run
   * @param secondsLeft until the step or time limit, at this pace
   * @param skippedSteps updates skipped so far because a loss or gradient was not finite; with local steps each worker's count
   * @param residentBytes memory of the first worker's process
   * @param timeShares of the workers' time since the last report, by phase
   * @param counted what the loss is a mean over, for people: {@code target tokens}
   */
  record Training(long step, long maxSteps, int epoch, double loss, double learningRate, double gradientNorm,
      double targetTokensPerSecond, double seconds, double secondsLeft, long skippedSteps, long residentBytes,
      Map<String, Double> timeShares, @JsonIgnore String counted) implements Report {
    @Override
    public String line() {
      String skipped = skippedSteps == 0 ? "" : " | skipped %d".formatted(skippedSteps);
      return String.format(Locale.ROOT, "step %,d/%,d | loss %.3f | %,.0f %s/s | %s left%s | epoch %d | norm %.2f"
          + " | waiting %.0f %%", step, maxSteps, loss, targetTokensPerSecond, counted, time(secondsLeft), skipped, epoch, gradientNorm,
          100 * timeShares.get(Phase.WAIT.text()));
    }

    @Override
    public String kind() {
      return "training";
    }
  }

  /**
   * A pass over the validation data.
   *
   * @param nll plain cross-entropy, nats per target token or per text; of values the mean squared error
   * @param perplexity NaN where labels are not tokens
   * @param accuracy share of the tokens or classes that are the most probable ones; NaN for values
   * @param bleu of the first sentences, greedily translated; NaN if none were
   * @param best whether nll is finite and no earlier validation had a lower one
   * @param samples some of the sentences that were translated
   */
  record Validation(long step, int epoch, double loss, double nll, double perplexity, double accuracy, double bleu,
      int bleuSentences, boolean best, double seconds, List<TranslationSample> samples) implements Report {
    @Override
    public String line() {
      String shares = Double.isNaN(accuracy) ? "" : String.format(Locale.ROOT, " | accuracy %.2f %%", 100 * accuracy);
      String translated = bleuSentences == 0 ? shares
          : String.format(Locale.ROOT, " | BLEU %.2f (%d sentences)", bleu, bleuSentences);
      String ppl = Double.isNaN(perplexity) ? "" : String.format(Locale.ROOT, " | ppl %.2f", perplexity);
      return String.format(Locale.ROOT, "step %,d | validation loss %.4f%s%s%s | %s", step, nll, ppl, translated,
          best ? " | best so far" : Double.isFinite(nll) ? "" : " | not finite, so never the best", time(seconds));
    }

    @Override
    public String kind() {
      return "validation";
    }
  }

  /** A committed checkpoint. */
  record Checkpoint(long step, String path, double seconds) implements Report {
    @Override
    public String line() {
      return String.format(Locale.ROOT, "step %,d | checkpoint %s | %.1f s", step, path, seconds);
    }

    @Override
    public String kind() {
      return "checkpoint";
    }
  }

  /**
   * A start of the run; in the metrics only.
   *
   * @param places where each worker runs
   * @param threads of each worker
   */
  record Start(long step, List<String> places, int threads) implements Report {
    @Override
    public String line() {
      return "step %,d | %d worker(s) of %d thread(s)".formatted(step, places.size(), threads);
    }

    @Override
    public String kind() {
      return "start";
    }
  }

  /**
   * Where each worker's time went since the last such report, or since the start; in the metrics only.
   *
   * @param seconds since then
   * @param joules that the machines took; NaN where they have no counters that can be read
   * @param shares of each worker's time, by phase
   */
  record Workers(long step, double seconds, double joules, List<Map<String, Double>> shares) implements Report {
    @Override
    public String line() {
      return "step %,d | times of %d worker(s)".formatted(step, shares.size());
    }

    @Override
    public String kind() {
      return "workers";
    }
  }

  /**
   * The end of a run.
   *
   * @param ending why, as a word
   * @param text why, for people
   */
  record End(long step, String ending, String text) implements Report {
    @Override
    public String line() {
      return text;
    }

    @Override
    public String kind() {
      return "end";
    }
  }

  /**
   * What the driver does about a failure: {@code restart} or {@code failure}, after which the run has ended.
   *
   * @param text what has failed
   */
  record Failure(long step, String kind, String text) implements Report {
    public static final String RESTART = "restart";
    public static final String LAST = "failure";

    @Override
    public String line() {
      return text;
    }
  }

  /** A line for people: where the run begins, a damaged checkpoint that was skipped. */
  record Note(long step, String text) implements Report {
    @Override
    public String line() {
      return text;
    }

    @Override
    public String kind() {
      return "note";
    }
  }

  /**
   * One worker waits long for another; not in the metrics.
   *
   * @param text all of it, for people
   * @param peer the worker that is waited for
   */
  record Waiting(long step, String text, int peer, double seconds) implements Report {
    /** Whether this says no more than what was said: all workers wait for the same one at about the same time. */
    boolean repeats(Waiting before) {
      return before != null && before.step == step && before.peer == peer && seconds < 1.5 * before.seconds;
    }

    @Override
    public String line() {
      return "warning: " + text;
    }

    @Override
    public String kind() {
      return "waiting";
    }
  }

  private static String time(double seconds) {
    if (Double.isNaN(seconds) || seconds > Duration.ofDays(1000).toSeconds()) {
      return "?";
    }
    long s = Math.round(seconds);
    return s < 60 ? s + " s" : s < 3600 ? "%d:%02d min".formatted(s / 60, s % 60) : "%d:%02d h".formatted(s / 3600, s / 60 % 60);
  }
}
