package io.sparkformer.jobs.predict;

import static io.sparkformer.jobs.cli.Progress.duration;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/** Counts of a run, summed over tasks; the driver gets the counts of a task when the task ends. */
record PredictionCounters(LongAccumulator texts, LongAccumulator blank, LongAccumulator cutTexts) implements Serializable {

  static PredictionCounters on(SparkContext spark) {
    return new PredictionCounters(spark.longAccumulator("texts"), spark.longAccumulator("blank texts"),
        spark.longAccumulator("texts cut off"));
  }

  void add(List<LabelScores> scores) {
    for (LabelScores each : scores) {
      texts.add(1);
      blank.add(each.isNone() ? 1 : 0);
      cutTexts.add(each.cutOff() > 0 ? 1 : 0);
    }
  }

  /**
   * Sums up the run.
   *
   * @param seconds that it took
   * @param longest most tokens of a text
   */
  String summary(double seconds, int longest) {
    return String.format(Locale.ROOT, "labelled %,d texts%s in %s (%.1f a second)%s", texts.value(),
        blank.value() == 0 ? "" : String.format(Locale.ROOT, " (%,d of them blank: null)", blank.value()), duration(seconds),
        texts.value() / seconds, cutTexts.value() == 0 ? "" : String.format(Locale.ROOT,
            "; %,d texts had more than %,d tokens: only their beginnings count", cutTexts.value(), longest));
  }
}
