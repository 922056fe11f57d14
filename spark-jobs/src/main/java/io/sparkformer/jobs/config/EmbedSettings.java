package io.sparkformer.jobs.config;

import java.io.Serializable;

/**
 * The {@code embed} group; base.conf says what each value means.
 *
 * @param maxLength 0: as the model's folder says
 */
public record EmbedSettings(ModelChoice model, SentenceSettings sentences, Pooling pooling, Normalize normalize, int maxLength,
    int batchTokens) implements Serializable {

  /** How a text's vector is made of its tokens'. */
  public enum Pooling { AUTO, MEAN, FIRST }

  /** Whether vectors are divided by their length. */
  public enum Normalize { AUTO, TRUE, FALSE }

  public EmbedSettings {
    Limits.require(!sentences.format().equals("csv"), "embed.format", "csv", "must be parquet, orc, json or text, since CSV has no arrays");
    Limits.notNegative("embed.max-length", maxLength);
    Limits.positive("embed.batch-tokens", batchTokens);
  }

  static EmbedSettings from(SettingValues values) {
    return new EmbedSettings(
        new ModelChoice(values.neededPath("embed.model"), 1, ComputeSettings.from(values)),
        SentenceSettings.from(values, "embed"),
        values.choice("embed.pooling", Pooling.values()),
        values.choice("embed.normalize", Normalize.values()),
        values.integer("embed.max-length"),
        values.integer("embed.batch-tokens"));
  }
}
