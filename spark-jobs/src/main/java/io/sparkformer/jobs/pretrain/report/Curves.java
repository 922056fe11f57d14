package io.sparkformer.jobs.pretrain.report;

import io.sparkformer.jobs.tensorboard.EventRecord;
import java.util.List;

/** Reports as TensorBoard shows them: each number of a report is a point of a curve. */
public final class Curves {
  /** Within the training output. */
  public static final String FOLDER = "tensorboard";

  private Curves() {}

  static EventRecord of(Report report) {
    EventRecord record = new EventRecord(report.step());
    if (report instanceof Report.Training training) {
      record.scalar("training/loss", training.loss())
          .scalar("training/learning_rate", training.learningRate())
          .scalar("training/gradient_norm", training.gradientNorm())
          .scalar("training/target_tokens_per_second", training.targetTokensPerSecond())
          .scalar("training/skipped_steps", training.skippedSteps())
          .scalar("training/resident_gigabytes", training.residentBytes() / 1e9);
      training.timeShares().forEach((phase, share) -> record.scalar("time/" + phase, share));
    } else if (report instanceof Report.Validation validation) {
      record.scalar("validation/loss", validation.loss())
          .scalar("validation/nll", validation.nll())
          .scalar("validation/perplexity", validation.perplexity())
          .scalar("validation/accuracy", validation.accuracy())
          .scalar("validation/bleu", validation.bleu());
      if (!validation.samples().isEmpty()) {
        record.text("validation/samples", table(validation.samples()));
      }
    }
    return record;
  }

  private static String table(List<TranslationSample> samples) {
    StringBuilder table = new StringBuilder("| source | translation | reference |\n|---|---|---|\n");
    samples.forEach(sample -> table.append("| ").append(cell(sample.source())).append(" | ").append(cell(sample.translation()))
        .append(" | ").append(cell(sample.reference())).append(" |\n"));
    return table.toString();
  }

  private static String cell(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;").replaceAll("\\s+", " ");
  }
}
