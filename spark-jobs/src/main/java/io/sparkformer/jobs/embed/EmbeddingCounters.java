package io.sparkformer.jobs.embed;

import static io.sparkformer.jobs.cli.Progress.duration;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/** Counts of a run, summed over tasks; the driver gets the counts of a task when the task ends. */
record EmbeddingCounters(LongAccumulator texts, LongAccumulator blank, LongAccumulator tokens, LongAccumulator cutTexts)
    implements Serializable {

  static EmbeddingCounters on(SparkContext spark) {
    return new EmbeddingCounters(spark.longAccumulator("texts"), spark.longAccumulator("texts without tokens"),
        spark.longAccumulator("tokens"), spark.longAccumulator("texts cut off"));
  }

  void add(List<Embedding> embeddings) {
    for (Embedding embedding : embeddings) {
      texts.add(1);
      blank.add(embedding.values() == null ? 1 : 0);
      tokens.add(embedding.tokens());
      cutTexts.add(embedding.cutOff() > 0 ? 1 : 0);
    }
  }

  /**
   * Sums up the run.
   *
   * @param seconds that it took
   * @param maxLength most tokens of a text
   */
  String summary(double seconds, int maxLength) {
    return String.format(Locale.ROOT, "embedded %,d sentences%s in %s (%.1f a second), %,d tokens%s", texts.value(),
        blank.value() == 0 ? "" : String.format(Locale.ROOT, " (%,d of them blank: null)", blank.value()), duration(seconds),
        texts.value() / seconds, tokens.value(), cutTexts.value() == 0 ? "" : String.format(Locale.ROOT,
            "; %,d sentences had more than %,d tokens: only their beginnings are embedded", cutTexts.value(), maxLength));
  }
}
