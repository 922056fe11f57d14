package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.notNegative;
import static io.sparkformer.jobs.config.Limits.positive;

import java.io.Serializable;

/**
 * What {@code translate} and {@code generate} do to the scores of next tokens; base.conf says what each value means. Null is what the
 * model's files say.
 *
 * @param minKey the full key of {@code minTokens}
 */
public record TokenRuleSettings(Double repetitionPenalty, Integer noRepeatNgram, String minKey, Integer minTokens) implements Serializable {

  static TokenRuleSettings from(SettingValues values, String group, String minKey) {
    Double repetitionPenalty = values.decimalIfSet(group + ".repetition-penalty");
    if (repetitionPenalty != null) {
      positive(group + ".repetition-penalty", repetitionPenalty);
    }
    Integer noRepeatNgram = values.integerIfSet(group + ".no-repeat-ngram");
    if (noRepeatNgram != null) {
      notNegative(group + ".no-repeat-ngram", noRepeatNgram);
    }
    Integer minTokens = values.integerIfSet(group + "." + minKey);
    if (minTokens != null) {
      notNegative(group + "." + minKey, minTokens);
    }
    return new TokenRuleSettings(repetitionPenalty, noRepeatNgram, group + "." + minKey, minTokens);
  }
}
