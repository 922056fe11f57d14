package io.sparkformer.jobs.config;

import io.sparkformer.data.corpus.DocumentFormat;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The {@code evaluate} group: at least one of the things that evaluate does.
 *
 * @param scoring translations against references, when both files are set
 * @param loss a model on a prepared set, when both folders are set
 * @param text a language model on text, when model and text are set
 * @param predictions predicted labels, when their table is set
 */
public record EvaluateSettings(Optional<Scoring> scoring, Optional<ModelLoss> loss, Optional<TextLoss> text,
    Optional<Predictions> predictions) {
  public EvaluateSettings {
    if (scoring.isEmpty() && loss.isEmpty() && text.isEmpty() && predictions.isEmpty()) {
      throw InvalidSettingException.problem("evaluate.hypotheses", "nothing to evaluate is set",
          "set evaluate.hypotheses and evaluate.references, or evaluate.model and evaluate.data or evaluate.text, or "
              + "evaluate.predictions");
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

  /**
   * A language model on text.
   *
   * @param window most tokens that are read at once; 0: as many as the model accepts
   * @param stride from one window to the next; 0: half of the window
   * @param maskedShare of the tokens that are hidden from an encoder, by the seed
   */
  public record TextLoss(ModelChoice model, Path text, DocumentFormat documents, String column, int window, int stride, int batchTokens,
      double maskedShare, long seed) implements Serializable {
    public TextLoss {
      Limits.notNegative("evaluate.window", window);
      Limits.notNegative("evaluate.stride", stride);
      Limits.positive("evaluate.batch-tokens", batchTokens);
    }
  }

  /**
   * Predicted labels beside those that people gave.
   *
   * @param areValues whether labels are numbers (regression), and not classes
   * @param labels names of classes that may be given by number
   */
  public record Predictions(TableSettings table, String labelColumn, String predictionColumn, boolean areValues, List<String> labels)
      implements Serializable {
    public Predictions {
      labels = List.copyOf(labels);
      Limits.require(!labelColumn.equals(predictionColumn), "evaluate.prediction-column", predictionColumn,
          "must differ from evaluate.label-column");
    }

    static Predictions from(SettingValues values, Path table) {
      return new Predictions(TableSettings.of(values, "evaluate", "evaluate.predictions", table), values.needed("evaluate.label-column"),
          values.needed("evaluate.prediction-column"),
          values.choice("evaluate.task", FinetuneSettings.Task.values()) == FinetuneSettings.Task.REGRESSION,
          values.names("finetune.labels"));
    }
  }

  static EvaluateSettings from(SettingValues values) {
    return new EvaluateSettings(
        both(values, "evaluate.hypotheses", "evaluate.references") ? Optional.of(new Scoring(
            values.neededPath("evaluate.hypotheses"), values.neededPath("evaluate.references"),
            values.isOn("evaluate.lowercase"), values.needed("evaluate.tokenize"))) : Optional.empty(),
        values.text("evaluate.text").isEmpty() && both(values, "evaluate.model", "evaluate.data")
            || values.text("evaluate.data").isPresent() ? Optional.of(new ModelLoss(
            ModelChoice.from(values, "evaluate"), values.neededPath("evaluate.data"),
            values.needed("evaluate.part"), values.integer("evaluate.batch-tokens"))) : Optional.empty(),
        values.text("evaluate.text").isPresent() ? Optional.of(new TextLoss(ModelChoice.from(values, "evaluate"),
            values.neededPath("evaluate.text"), values.choice("evaluate.documents", DocumentFormat.values()),
            values.needed("evaluate.column"), values.integer("evaluate.window"), values.integer("evaluate.stride"),
            values.integer("evaluate.batch-tokens"), values.decimal("train.masked-share"), values.wide("seed"))) : Optional.empty(),
        values.path("evaluate.predictions").map(table -> Predictions.from(values, table)));
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
