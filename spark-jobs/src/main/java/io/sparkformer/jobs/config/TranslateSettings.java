package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.notNegative;
import static io.sparkformer.jobs.config.Limits.positive;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * The {@code translate} group; base.conf says what each value means.
 *
 * @param prefix null for the model's
 * @param ensemble models that translate together with the first
 * @param given {@code beginning}, {@code phrases} or {@code translation}: what stands behind sentences; null for nothing
 * @param alignment {@code hard} or {@code soft}; null for none
 * @param alignmentLayer from 1; 0 for the usual one
 * @param beam null for the model's, or 4
 * @param lengthPenalty null for the model's
 * @param lengthNormalization {@code wu} or {@code average}; null for that of the model's rules
 */
public record TranslateSettings(
    ModelChoice model,
    SentenceSettings sentences,
    List<Path> ensemble,
    String prefix,
    String given,
    String alignment,
    int alignmentLayer,
    boolean copyUnknown,
    Integer beam,
    Double lengthPenalty,
    String lengthNormalization,
    TokenRuleSettings rules,
    double coveragePenalty,
    Integer groups,
    Double diversity,
    int nBest,
    double maxLengthFactor,
    int maxLengthExtra,
    int batchTokens) implements Serializable {

  /** A process keeps no more models in memory. */
  private static final int MOST_MODELS = 4;

  public TranslateSettings {
    ensemble = List.copyOf(ensemble);
    Limits.require(ensemble.size() < MOST_MODELS, "translate.ensemble", ensemble, "must name at most " + (MOST_MODELS - 1) + " models");
    if (given != null) {
      Limits.oneOf("translate.given", given, List.of("beginning", "phrases", "translation"));
    }
    if (alignment != null) {
      Limits.oneOf("translate.alignment", alignment, List.of("hard", "soft"));
      Limits.require(sentences.isText(), "translate.alignment", alignment, "must be null for tables: alignments are written to text");
    }
    notNegative("translate.alignment-layer", alignmentLayer);
    notNegative("translate.coverage-penalty", coveragePenalty);
    if (groups != null) {
      positive("translate.groups", groups);
      Limits.require(groups == 1 || given == null, "translate.groups", groups, "must be 1 where translate.given is set");
    }
    if (diversity != null) {
      notNegative("translate.diversity", diversity);
    }
    if (beam != null) {
      positive("translate.beam", beam);
      Limits.require(nBest <= beam, "translate.n-best", nBest, "must be at most translate.beam, " + beam);
    }
    if (lengthPenalty != null) {
      notNegative("translate.length-penalty", lengthPenalty);
    }
    if (lengthNormalization != null) {
      Limits.oneOf("translate.length-normalization", lengthNormalization, List.of("wu", "average"));
    }
    positive("translate.n-best", nBest);
    notNegative("translate.max-length-factor", maxLengthFactor);
    notNegative("translate.max-length-extra", maxLengthExtra);
    Limits.require(maxLengthFactor > 0 || maxLengthExtra > 0, "translate.max-length-extra", maxLengthExtra,
        "must be > 0 when translate.max-length-factor is 0");
    Limits.require(rules.minTokens() == null || rules.minTokens() <= maxLengthExtra, rules.minKey(), rules.minTokens(),
        "must be at most translate.max-length-extra, " + maxLengthExtra);
    positive("translate.batch-tokens", batchTokens);
  }

  static TranslateSettings from(SettingValues values) {
    return new TranslateSettings(
        ModelChoice.from(values, "translate"),
        SentenceSettings.from(values, "translate"),
        values.texts("translate.ensemble").stream().map(Path::new).toList(),
        values.text("translate.prefix").orElse(null),
        values.text("translate.given").orElse(null),
        values.text("translate.alignment").orElse(null),
        values.integer("translate.alignment-layer"),
        values.isOn("translate.copy-unknown"),
        values.integerIfSet("translate.beam"),
        values.decimalIfSet("translate.length-penalty"),
        values.text("translate.length-normalization").orElse(null),
        TokenRuleSettings.from(values, "translate", "min-length"),
        values.decimal("translate.coverage-penalty"),
        values.integerIfSet("translate.groups"),
        values.decimalIfSet("translate.diversity"),
        values.integer("translate.n-best"),
        values.decimal("translate.max-length-factor"),
        values.integer("translate.max-length-extra"),
        values.integer("translate.batch-tokens"));
  }
}
