package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.notNegative;
import static io.sparkformer.jobs.config.Limits.positive;

import java.io.Serializable;
import java.util.List;

/**
 * The {@code translate} group; base.conf says what each value means.
 *
 * @param prefix null for the model's
 * @param beam null for the model's, or 4
 * @param lengthPenalty null for the model's
 * @param lengthNormalization {@code wu} or {@code average}; null for that of the model's rules
 */
public record TranslateSettings(
    ModelChoice model,
    SentenceSettings sentences,
    String prefix,
    Integer beam,
    Double lengthPenalty,
    String lengthNormalization,
    TokenRuleSettings rules,
    int nBest,
    double maxLengthFactor,
    int maxLengthExtra,
    int batchTokens) implements Serializable {

  public TranslateSettings {
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
        values.text("translate.prefix").orElse(null),
        values.integerIfSet("translate.beam"),
        values.decimalIfSet("translate.length-penalty"),
        values.text("translate.length-normalization").orElse(null),
        TokenRuleSettings.from(values, "translate", "min-length"),
        values.integer("translate.n-best"),
        values.decimal("translate.max-length-factor"),
        values.integer("translate.max-length-extra"),
        values.integer("translate.batch-tokens"));
  }
}
