package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.List;

/**
 * Beam search over a {@link StepDecoder}: finds the translations with the best length-normalized log-probability.
 *
 * <p>At every step each of a sentence's at most {@code beam} unfinished hypotheses is extended by its most probable next tokens, and
 * the best extensions of all of them, by log-probability, go on. An extension by the end token that is among the {@code beam} best is
 * a finished hypothesis and is kept with its score ({@link LengthPenalty}); the {@code beam} best others stay in the beam. Equal
 * log-probabilities are ordered by token id, then by the rank of the hypothesis they extend.
 *
 * <p>An unfinished hypothesis leaves the beam as soon as it can no longer reach the n best finished ones: its log-probability can only
 * fall, and the length penalty of the longest allowed translation is the mildest it can meet. A sentence is done when none is left.
 * This changes no result: what leaves, and all that ranks below it, could not have become part of one. At the longest allowed length
 * what is unfinished is finished, with the probability of the end token there, so every score means the same. Rows that are gone cost
 * nothing: the batch shrinks with every hypothesis and sentence that is done.
 *
 * <p>With {@code beam = 1} this is greedy search: the most probable token at every step until that is the end token. The best
 * hypothesis does not depend on {@code nBest}, and no hypothesis depends on the other sentences of the batch.
 *
 * <p>Not safe for use by several threads, like its decoder, which stays the caller's to close.
 */
public final class BeamSearch {

  private final StepDecoder decoder;
  private final DecodingOptions options;
  private final ControlTokens control;
  /** Of each row: enough for the end tokens and {@code beam} others whatever is suppressed. */
  private final int candidatesPerRow;

  /** A search with the control tokens of Sparkformer's own vocabularies. */
  public BeamSearch(StepDecoder decoder, DecodingOptions options) {
    this(decoder, options, ControlTokens.STANDARD);
  }

  /**
   * A search with other control tokens.
   *
   * @param decoder a {@link LogitsDecoder} where the options have rules for next tokens
   */
  public BeamSearch(StepDecoder decoder, DecodingOptions options, ControlTokens control) {
    this.decoder = options.tokenRules().areNone() ? decoder : new RuledDecoder((LogitsDecoder) decoder, options.tokenRules(),
        options.beam() == 1 ? RuledDecoder.Penalized.LOGITS : RuledDecoder.Penalized.LOG_PROBABILITIES, control);
    this.options = options;
    this.control = control;
    this.candidatesPerRow = Math.min(decoder.limits().vocabulary(), options.beam() + control.ends() + control.suppressed().size());
  }

  /**
   * Translates or continues a batch.
   *
   * @param inputs token ids of each input, as {@link StepDecoder#start} wants them, at most {@link DecoderLimits#maxInput()}
   * @return for each input, in the order given, its best hypotheses, best first: {@code nBest} of them, or fewer where fewer
   *     exist; at least one
   * @throws IllegalArgumentException an input is longer than the network accepts
   * @throws IllegalStateException the network gives probabilities that are not numbers, or leaves no continuation possible
   */
  public List<List<Hypothesis>> translate(List<int[]> inputs) {
    if (inputs.isEmpty()) {
      return List.of();
    }
    DecoderLimits limits = decoder.limits();
    List<SentenceSearch> sentences = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      int length = inputs.get(i).length;
      if (length > limits.maxInput()) {
        throw new IllegalArgumentException(
            "sentence " + i + " of the batch has " + length + " tokens, the model accepts " + limits.maxInput());
      }
      sentences.add(new SentenceSearch(i, Math.min(options.maxTokens(length), limits.maxNewTokens(length)), options, control));
    }
    List<SentenceSearch> active = new ArrayList<>(sentences);
    extend(active, decoder.start(inputs, candidatesPerRow));
    while (!active.isEmpty()) {
      extend(active, step(active));
    }
    List<List<Hypothesis>> results = new ArrayList<>(sentences.size());
    for (SentenceSearch sentence : sentences) {
      results.add(sentence.best());
    }
    return results;
  }

  /** The next tokens of all rows of the sentences that are not done. */
  private NextTokens step(List<SentenceSearch> active) {
    int rows = 0;
    for (SentenceSearch sentence : active) {
      rows += sentence.rows();
    }
    int[] tokens = new int[rows];
    int[] parents = new int[rows];
    int row = 0;
    for (SentenceSearch sentence : active) {
      row = sentence.writeRows(tokens, parents, row);
    }
    return decoder.step(tokens, parents, candidatesPerRow);
  }

  /** Extends all hypotheses; sentences that are done leave. */
  private static void extend(List<SentenceSearch> active, NextTokens next) {
    int row = 0;
    for (SentenceSearch sentence : active) {
      row = sentence.extend(next, row);
    }
    active.removeIf(SentenceSearch::done);
  }
}
