package io.sparkformer.jobs.evaluate;

import io.sparkformer.model.kernel.Loss;
import java.io.Serializable;

/**
 * How well a language model predicts a text: a decoder every token from those before it, an encoder a hidden share of the tokens from all
 * others.
 *
 * @param masked whether it is an encoder
 * @param documents of the text
 * @param tokens that were predicted
 * @param words of the text, divided by white space
 * @param bytes of the text in UTF-8
 * @param negativeLogLikelihood of all predicted tokens, in nats
 * @param correct tokens that were the most probable ones
 */
public record TextScores(boolean masked, long documents, long tokens, long words, long bytes, double negativeLogLikelihood, long correct)
    implements Serializable {

  static TextScores none(boolean masked) {
    return new TextScores(masked, 0, 0, 0, 0, 0, 0);
  }

  TextScores plus(TextScores that) {
    return new TextScores(masked, documents + that.documents, tokens + that.tokens, words + that.words, bytes + that.bytes,
        negativeLogLikelihood + that.negativeLogLikelihood, correct + that.correct);
  }

  TextScores plus(Loss loss) {
    return new TextScores(masked, documents, tokens + loss.tokens(), words, bytes, negativeLogLikelihood + loss.negativeLogLikelihood(),
        correct + loss.correct());
  }

  /** Mean loss of a token, in nats. */
  public double loss() {
    return negativeLogLikelihood / tokens;
  }

  /** e to the mean loss of a token. */
  public double perplexity() {
    return Math.exp(loss());
  }

  /** e to the loss for each word: comparable between models of different vocabularies. */
  public double wordPerplexity() {
    return Math.exp(negativeLogLikelihood / words);
  }

  /** Loss for each byte, in bits: comparable between models of different vocabularies. */
  public double bitsPerByte() {
    return negativeLogLikelihood / bytes / Math.log(2);
  }

  /** Share of the predicted tokens that were the most probable ones. */
  public double accuracy() {
    return (double) correct / tokens;
  }
}
