package io.sparkformer.jobs.model;

import io.sparkformer.jobs.config.TokenRuleSettings;
import io.sparkformer.model.decode.TokenRules;
import io.sparkformer.model.hub.GenerationConfig;
import io.sparkformer.model.hub.TokenDefaults;

/**
 * What is done to the scores of next tokens: as the settings say, and where they do not, as the model's files do.
 *
 * @param minTokens that of the rules, with its source
 * @param line what was chosen, for the log
 */
public record ChosenRules(TokenRules rules, Chosen<Integer> minTokens, String line) {

  /** Chooses each value. */
  public static ChosenRules of(TokenRuleSettings settings, GenerationConfig model) {
    TokenDefaults defaults = model.tokens();
    Chosen<Double> penalty = Chosen.of(settings.repetitionPenalty(), defaults.repetitionPenalty(), 1.0, model);
    Chosen<Integer> ngram = Chosen.of(settings.noRepeatNgram(), defaults.noRepeatNgram(), 0, model);
    Chosen<Integer> least = Chosen.of(settings.minTokens(), defaults.minNewTokens(), 0, model);
    // The model's own minimum length counts otherwise; who sets one sets both.
    Chosen<Integer> length = Chosen.of(settings.minTokens() == null ? null : Integer.valueOf(0), defaults.minLength(), 0, model);
    StringBuilder line = new StringBuilder("repetition penalty " + penalty);
    if (ngram.value() > 0) {
      line.append(", no ").append(ngram.value()).append("-gram twice").append(ngram.source());
    }
    if (length.value() > 0) {
      line.append(", at least ").append(length.value()).append(" tokens with those before").append(length.source());
    }
    return new ChosenRules(new TokenRules(penalty.value(), ngram.value(), least.value(), length.value()), least, line.toString());
  }
}
