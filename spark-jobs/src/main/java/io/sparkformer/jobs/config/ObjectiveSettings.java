package io.sparkformer.jobs.config;

import java.io.Serializable;

/**
 * What a run learns: {@code train.objective} and what belongs to it.
 *
 * @param attention what a token of text may see
 * @param maskedShare of the tokens that are to be predicted by masked-token
 */
public record ObjectiveSettings(Objective objective, Attention attention, double maskedShare) implements Serializable {
  /** The names of objectives. */
  public enum Objective {
    /** What networks like the one that is trained learn usually. */
    AUTO,
    TRANSLATION, NEXT_TOKEN, MASKED_TOKEN
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
  }

  static ObjectiveSettings from(SettingValues values) {
    return new ObjectiveSettings(values.choice("train.objective", Objective.values()),
        values.choice("train.attention", Attention.values()), values.decimal("train.masked-share"));
  }
}
