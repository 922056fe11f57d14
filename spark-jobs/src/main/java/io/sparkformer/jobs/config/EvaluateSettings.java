package io.sparkformer.jobs.config;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The {@code evaluate} group: at least one of the two things that evaluate does.
 *
 * @param scoring translations against references, when both files are set
 * @param loss a model on a prepared set, when both folders are set
 */
public record EvaluateSettings(Optional<Scoring> scoring, Optional<ModelLoss> loss) {
  public EvaluateSettings {
    if (scoring.isEmpty() && loss.isEmpty()) {
      throw InvalidSettingException.problem("evaluate.hypotheses", "nothing to evaluate is set",
          "set evaluate.hypotheses and evaluate.references, or evaluate.model and evaluate.data");
    }
  }

  /** BLEU and chrF2 of a file of translations, a sentence a line. */
  public record Scoring(Path hypotheses, Path references, boolean lowercase, String tokenize) implements Serializable {
    public Scoring {
      Limits.oneOf("evaluate.tokenize", tokenize, List.of("13a", "none"));
    }
  }

  /** Loss and perplexity of a model; part is {@code train} or {@code validation}. */
  public record ModelLoss(ModelChoice model, Path data, String part, int batchTokens) implements Serializable {
    public ModelLoss {
      Limits.oneOf("evaluate.part", part, List.of("train", "validation"));
      Limits.positive("evaluate.batch-tokens", batchTokens);
    }
  }

  static EvaluateSettings from(SettingValues values) {
    return new EvaluateSettings(
        both(values, "evaluate.hypotheses", "evaluate.references") ? Optional.of(new Scoring(
            values.neededPath("evaluate.hypotheses"), values.neededPath("evaluate.references"),
            values.isOn("evaluate.lowercase"), values.needed("evaluate.tokenize"))) : Optional.empty(),
        both(values, "evaluate.model", "evaluate.data") ? Optional.of(new ModelLoss(
            ModelChoice.from(values, "evaluate"), values.neededPath("evaluate.data"),
            values.needed("evaluate.part"), values.integer("evaluate.batch-tokens"))) : Optional.empty());
  }

  private static boolean both(SettingValues values, String first, String second) {
    boolean firstSet = values.text(first).isPresent();
    boolean secondSet = values.text(second).isPresent();
    if (firstSet != secondSet) {
      throw InvalidSettingException.problem(firstSet ? first : second,
          (firstSet ? first : second) + " is set without " + (firstSet ? second : first),
          "set " + (firstSet ? second : first) + " too");
    }
    return firstSet;
  }
}
