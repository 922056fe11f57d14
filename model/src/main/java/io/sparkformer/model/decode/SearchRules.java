package io.sparkformer.model.decode;

/** What becomes of hypotheses at the longest allowed length, when a search ends, and the length penalty where none is chosen. */
public enum SearchRules {
  /**
   * At the limit hypotheses end with the probability of the end token there; the search goes on while an unfinished hypothesis can still
   * become one of the n best.
   */
  GNMT(LengthPenalty.WU),
  /**
   * Hugging Face's: at the limit, which counts the end token, hypotheses are cut; the search ends when {@code beam} hypotheses are finished
   * and {@link EarlyStop} says so.
   */
  HUGGING_FACE(LengthPenalty.AVERAGE),
  /** As {@link #HUGGING_FACE}, but the last token allowed is the end token, at no cost ({@code forced_eos_token_id}: Marian, BART). */
  HUGGING_FACE_FORCED_END(LengthPenalty.AVERAGE);

  private final LengthPenalty usualPenalty;

  SearchRules(LengthPenalty usualPenalty) {
    this.usualPenalty = usualPenalty;
  }

  /** The penalty of those who made the rules. */
  public LengthPenalty usualPenalty() {
    return usualPenalty;
  }
}
