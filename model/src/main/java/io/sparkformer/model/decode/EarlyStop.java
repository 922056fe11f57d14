package io.sparkformer.model.decode;

/** When a search by Hugging Face's rules ends that has as many finished hypotheses as its beam is wide ({@code early_stopping}). */
public enum EarlyStop {
  /** At once: {@code true}. */
  AT_ENOUGH,
  /** When the best extension of the step, as it is, scores no better than the worst of them: {@code false}. */
  AT_BETTER,
  /** When the best extension would not do so at the longest allowed length either: {@code "never"}. */
  AT_BEST
}
