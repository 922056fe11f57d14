package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.notNegative;
import static io.sparkformer.jobs.config.Limits.positive;
import static io.sparkformer.jobs.config.Limits.require;

import java.io.Serializable;
import java.util.List;

/**
 * The {@code generate} group; base.conf says what each value means. Null is what the model's files say.
 *
 * @param seed of the random numbers
 */
public record GenerateSettings(ModelChoice model, SentenceSettings prompts, Integer beam, Double lengthPenalty, Integer groups,
    Double diversity, Double temperature, Integer topK, Double topP, Double minP, TokenRuleSettings rules, int samples,
    Integer maxNewTokens, List<String> stop, int batchSize, long seed) implements Serializable {

  private static final int MOST_TEXTS = 4096;

  public GenerateSettings {
    stop = List.copyOf(stop);
    if (beam != null) {
      positive("generate.beam", beam);
    }
    if (lengthPenalty != null) {
      notNegative("generate.length-penalty", lengthPenalty);
    }
    if (groups != null) {
      positive("generate.groups", groups);
    }
    if (diversity != null) {
      notNegative("generate.diversity", diversity);
    }
    if (temperature != null) {
      notNegative("generate.temperature", temperature);
    }
    if (topK != null) {
      notNegative("generate.top-k", topK);
    }
    require(topP == null || topP > 0 && topP <= 1, "generate.top-p", topP, "must be > 0 and <= 1");
    require(minP == null || minP >= 0 && minP <= 1, "generate.min-p", minP, "must be >= 0 and <= 1");
    positive("generate.samples", samples);
    if (maxNewTokens != null) {
      positive("generate.max-new-tokens", maxNewTokens);
    }
    require(stop.stream().noneMatch(String::isEmpty), "generate.stop", stop, "must not hold an empty text");
    positive("generate.batch-size", batchSize);
    require(batchSize <= MOST_TEXTS, "generate.batch-size", batchSize, "must be <= " + MOST_TEXTS);
    require(!(beam != null && beam > 1) || temperature == null && topK == null && topP == null && minP == null, "generate.beam", beam,
        "must be 1 where temperature, top-k, top-p or min-p is set: beam search draws no tokens");
  }

  static GenerateSettings from(SettingValues values) {
    return new GenerateSettings(
        ModelChoice.from(values, "generate"),
        SentenceSettings.from(values, "generate"),
        values.integerIfSet("generate.beam"),
        values.decimalIfSet("generate.length-penalty"),
        values.integerIfSet("generate.groups"),
        values.decimalIfSet("generate.diversity"),
        values.decimalIfSet("generate.temperature"),
        values.integerIfSet("generate.top-k"),
        values.decimalIfSet("generate.top-p"),
        values.decimalIfSet("generate.min-p"),
        TokenRuleSettings.from(values, "generate", "min-new-tokens"),
        values.integer("generate.samples"),
        values.integerIfSet("generate.max-new-tokens"),
        values.texts("generate.stop"),
        values.integer("generate.batch-size"),
        values.wide("seed"));
  }
}
