package io.sparkformer.jobs.translate;

import static io.sparkformer.jobs.cli.Progress.duration;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/** Counts of a run, summed over tasks; the driver gets the counts of a task when the task ends. */
record TranslationCounters(LongAccumulator sentences, LongAccumulator blank, LongAccumulator sourceTokens,
    LongAccumulator targetTokens, LongAccumulator cutSentences) implements Serializable {

  static TranslationCounters on(SparkContext spark) {
    return new TranslationCounters(spark.longAccumulator("sentences"), spark.longAccumulator("blank sentences"),
        spark.longAccumulator("source tokens"), spark.longAccumulator("target tokens"),
        spark.longAccumulator("sentences cut off"));
  }

  void add(List<Translation> translations) {
    for (Translation translation : translations) {
      sentences.add(1);
      blank.add(translation.sourceTokens() == 0 ? 1 : 0);
      sourceTokens.add(translation.sourceTokens());
      targetTokens.add(translation.targetTokens());
      cutSentences.add(translation.tokensCutOff() > 0 ? 1 : 0);
    }
  }

  /**
   * Sums up the run.
   *
   * @param seconds that it took
   */
  String summary(double seconds) {
    long cut = cutSentences.value();
    return String.format(Locale.ROOT, "translated %,d sentences%s in %s (%.1f a second), %,d tokens into %,d%s",
        sentences.value(), blank.value() == 0 ? "" : String.format(Locale.ROOT, " (%,d of them blank)", blank.value()),
        duration(seconds), sentences.value() / seconds, sourceTokens.value(), targetTokens.value(),
        cut == 0 ? "" : String.format(Locale.ROOT, "; %,d sentences were longer than the model accepts: only their beginnings "
            + "are translated", cut));
  }
}
