package io.sparkformer.jobs.generate;

import static io.sparkformer.jobs.cli.Progress.duration;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/** Counts of a run, summed over tasks; the driver gets the counts of a task when the task ends. */
record GenerationCounters(LongAccumulator prompts, LongAccumulator empty, LongAccumulator promptTokens, LongAccumulator newTokens,
    LongAccumulator cut, LongAccumulator unknown) implements Serializable {

  static GenerationCounters on(SparkContext spark) {
    return new GenerationCounters(spark.longAccumulator("prompts"), spark.longAccumulator("empty prompts"),
        spark.longAccumulator("prompt tokens"), spark.longAccumulator("new tokens"), spark.longAccumulator("prompts cut off"),
        spark.longAccumulator("prompts with unknown characters"));
  }

  void add(List<Continuations> all) {
    for (Continuations each : all) {
      prompts.add(1);
      empty.add(each.isEmpty() ? 1 : 0);
      promptTokens.add(each.promptTokens());
      newTokens.add(each.newTokens());
      cut.add(each.isCut() ? 1 : 0);
      unknown.add(each.hasUnknown() ? 1 : 0);
    }
  }

  /**
   * Sums up the run.
   *
   * @param seconds that it took
   * @param reader which part of a prompt that is too long was read
   */
  String summary(double seconds, String reader) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "continued %,d prompts%s in %s, %,d tokens by %,d new ones "
        + "(%,.1f a second)", prompts.value(), empty.value() == 0 ? "" : String.format(Locale.ROOT, " (%,d of them empty)", empty.value()),
        duration(seconds), promptTokens.value(), newTokens.value(), newTokens.value() / seconds));
    if (cut.value() > 0) {
      text.append(String.format(Locale.ROOT, "; %,d prompts were longer than the model accepts: only their %s are read", cut.value(),
          reader));
    }
    if (unknown.value() > 0) {
      text.append(String.format(Locale.ROOT, "; %,d prompts hold characters that the tokenizer does not know", unknown.value()));
    }
    return text.toString();
  }
}
