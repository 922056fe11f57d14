package io.sparkformer.jobs.card;

/**
 * What is known of a model's quality when its card is written.
 *
 * @param step updates made
 * @param trainedTargetTokens target tokens seen, end tokens included
 * @param validated the step of the validation that the other numbers are from; -1 before the first
 * @param nll plain cross-entropy on the validation data, nats per target token or text; of values the mean squared error
 * @param accuracy share of the tokens or texts that are predicted right; NaN for values
 * @param bleu of the first sentences, greedily translated; NaN if none were
 * @param bleuSentences how many
 * @param bleuSignature how BLEU was computed, as sacreBLEU writes it
 */
public record CardScores(long step, long trainedTargetTokens, long validated, double nll, double accuracy, double bleu, int bleuSentences,
    String bleuSignature) {
  boolean hasValidation() {
    return validated >= 0 && Double.isFinite(nll);
  }

  boolean hasBleu() {
    return validated >= 0 && bleuSentences > 0 && Double.isFinite(bleu);
  }
}
