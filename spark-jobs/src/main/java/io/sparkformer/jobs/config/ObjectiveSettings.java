package io.sparkformer.jobs.config;

import java.io.Serializable;

/**
 * What a run learns: {@code train.objective} and what belongs to it.
 *
 * @param attention what a token of text may see
 * @param maskedShare of the tokens that are to be predicted by masked-token
 * @param wholeWords whether masked-token hides whole words
 * @param missingShare of the tokens that denoised-spans leaves out
 * @param missingSpan mean length of what it leaves out at one place, in tokens
 * @param zLoss factor of the squared logarithm of the softmax's normalizer in the loss
 */
public record ObjectiveSettings(Objective objective, Attention attention, double maskedShare, boolean wholeWords, double missingShare,
    double missingSpan, double zLoss) implements Serializable {
  /** The names of objectives. */
  public enum Objective {
    /** What networks like the one that is trained learn usually. */
    AUTO,
    TRANSLATION, NEXT_TOKEN, MASKED_TOKEN, DENOISED_SPANS, PREFIX
  }

  /** What the tokens of a row of text may see. */
  public enum Attention {
    /** Only their own document. */
    DOCUMENT,
    /** The whole row. */
    ROW
  }

  public ObjectiveSettings {
    Limits.positive("train.masked-share", maskedShare);
    Limits.belowOne("train.masked-share", maskedShare);
    Limits.positive("train.missing-share", missingShare);
    Limits.belowOne("train.missing-share", missingShare);
    Limits.require(missingSpan >= 1, "train.missing-span", missingSpan, "must be >= 1");
    Limits.notNegative("train.z-loss", zLoss);
  }

  static ObjectiveSettings from(SettingValues values) {
    return new ObjectiveSettings(values.choice("train.objective", Objective.values()),
        values.choice("train.attention", Attention.values()), values.decimal("train.masked-share"),
        values.isOn("train.whole-words"), values.decimal("train.missing-share"), values.decimal("train.missing-span"),
        values.decimal("train.z-loss"));
  }
}
