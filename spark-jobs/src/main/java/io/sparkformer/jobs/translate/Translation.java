package io.sparkformer.jobs.translate;

import java.util.List;

/**
 * What a sentence was translated to.
 *
 * @param candidates best first; one with empty text for a blank sentence
 * @param sourceTokens tokens of the sentence that were translated
 * @param targetTokens tokens of the best candidate
 * @param tokensCutOff tokens of the sentence beyond the longest that the model accepts, which were left out
 */
public record Translation(List<Candidate> candidates, int sourceTokens, int targetTokens, int tokensCutOff) {

  /** Of a blank sentence. */
  static final Translation BLANK = new Translation(List.of(new Candidate("", 0.0, null)), 0, 0, 0);

  /**
   * One possible translation.
   *
   * @param text on one line
   * @param score log-probability over length penalty, and what a coverage penalty takes away; higher is better
   * @param alignment of its tokens to those of the sentence; null where it is not wanted
   */
  public record Candidate(String text, double score, String alignment) { }

  /** Copies the list. */
  public Translation {
    candidates = List.copyOf(candidates);
  }

  /** Text of the best candidate. */
  public String text() {
    return candidates.get(0).text();
  }
}
