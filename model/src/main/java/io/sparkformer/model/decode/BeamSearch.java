package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.Collections;
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
  /** The same decoder, where it knows the probabilities of all tokens; null where it does not. */
  private final RuledDecoder ruled;
  private final DecodingOptions options;
  private final SearchContext context;
  /** Of each row: enough for the end tokens and {@code beam} others whatever is suppressed, or has been taken by other groups. */
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
    this(options.tokenRules().areNone() ? decoder : ruled(decoder, options, control), options, control, null);
  }

  private BeamSearch(StepDecoder decoder, DecodingOptions options, ControlTokens control, RuledDecoder ruled) {
    this.decoder = decoder;
    this.ruled = ruled;
    this.options = options;
    this.context = SearchContext.of(options, control);
    this.candidatesPerRow = Math.min(decoder.limits().vocabulary(), options.beam() + control.ends() + control.suppressed().size()
        + (options.groups() > 1 ? options.beam() : 0));
  }

  private static RuledDecoder ruled(StepDecoder decoder, DecodingOptions options, ControlTokens control) {
    return new RuledDecoder((LogitsDecoder) decoder, options.tokenRules(),
        options.beam() == 1 ? RuledDecoder.Penalized.LOGITS : RuledDecoder.Penalized.LOG_PROBABILITIES, control);
  }

  /** A search whose translations may have to meet {@link Demands}: it knows the probabilities of all tokens, and is slower for it. */
  public static BeamSearch withDemands(LogitsDecoder decoder, DecodingOptions options, ControlTokens control) {
    if (options.groups() > 1) {
      throw new IllegalArgumentException("A beam in groups cannot meet demands: groups=" + options.groups());
    }
    RuledDecoder ruled = ruled(decoder, options, control);
    return new BeamSearch(ruled, options, control, ruled);
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
    return translate(inputs, Collections.nCopies(inputs.size(), null));
  }

  /**
   * Translates or continues a batch whose results must meet demands.
   *
   * @param inputs as in {@link #translate(List)}
   * @param demands of each input; null for none. The search must have been made {@link #withDemands}
   * @throws IllegalArgumentException an input is longer than the network accepts, or what is demanded of its translation is
   */
  public List<List<Hypothesis>> translate(List<int[]> inputs, List<Demands> demands) {
    if (inputs.isEmpty()) {
      return List.of();
    }
    List<SentenceBeam> sentences = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      sentences.add(sentence(i, inputs.get(i).length, demands.get(i)));
    }
    List<SentenceBeam> active = new ArrayList<>(sentences);
    extend(active, decoder.start(inputs, candidatesPerRow));
    while (!active.isEmpty()) {
      extend(active, step(active));
    }
    return sentences.stream().map(SentenceBeam::best).toList();
  }

  private SentenceBeam sentence(int place, int length, Demands demands) {
    DecoderLimits limits = decoder.limits();
    if (length > limits.maxInput()) {
      throw new IllegalArgumentException(
          "sentence " + place + " of the batch has " + length + " tokens, the model accepts " + limits.maxInput());
    }
    int most = Math.min(options.maxTokens(length), limits.maxNewTokens(length));
    if (demands == null) {
      return options.groups() > 1 ? new DiverseSearch(place, most, context) : new SentenceSearch(place, most, context);
    }
    if (ruled == null) {
      throw new IllegalStateException("A search whose translations meet demands is made by withDemands");
    }
    if (demands.leastTokens() > limits.maxNewTokens(length)) {
      throw new IllegalArgumentException(("what is demanded of the translation of sentence %d of the batch has %d tokens, the model "
          + "accepts %d").formatted(place, demands.leastTokens(), limits.maxNewTokens(length)));
    }
    // Behind the last token there must be room for the end, however the rules count it.
    int room = Math.max(most, demands.leastTokens() + 2);
    return new ConstrainedSearch(place, demands.extent() == Demands.Extent.OPEN ? Math.min(room, limits.maxNewTokens(length)) : room,
        context, demands, ruled);
  }

  /** The next tokens of all rows of the sentences that are not done. */
  private NextTokens step(List<SentenceBeam> active) {
    int rows = 0;
    for (SentenceBeam sentence : active) {
      rows += sentence.rows();
    }
    int[] tokens = new int[rows];
    int[] parents = new int[rows];
    int row = 0;
    for (SentenceBeam sentence : active) {
      row = sentence.writeRows(tokens, parents, row);
    }
    return decoder.step(tokens, parents, candidatesPerRow);
  }

  /** Extends all hypotheses; sentences that are done leave. */
  private void extend(List<SentenceBeam> active, NextTokens next) {
    int row = 0;
    for (SentenceBeam sentence : active) {
      row = sentence.extend(decoder, next, row);
    }
    active.removeIf(SentenceBeam::done);
  }
}
