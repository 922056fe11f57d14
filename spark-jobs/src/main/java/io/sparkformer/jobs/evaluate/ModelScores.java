package io.sparkformer.jobs.evaluate;

/**
 * How well a model predicts the targets of a prepared part, beside the unigram model of the training part. A target
 * token is a token of the sentence or its end token; losses are means over them, in nats.
 *
 * @param part train or validation
 * @param pairs sentence pairs
 * @param targetTokens target tokens
 * @param loss label-smoothed cross-entropy, which training minimizes
 * @param negativeLogLikelihood plain cross-entropy
 * @param unigramNegativeLogLikelihood that of {@link UnigramModel} with the counts of the training part
 */
public record ModelScores(String part, long pairs, long targetTokens, double loss, double negativeLogLikelihood,
    double unigramNegativeLogLikelihood) {

  /** e to the plain cross-entropy: among how many equally probable tokens the model is in doubt. */
  public double perplexity() {
    return Math.exp(negativeLogLikelihood);
  }

  /** That of the unigram model. */
  public double unigramPerplexity() {
    return Math.exp(unigramNegativeLogLikelihood);
  }
}
