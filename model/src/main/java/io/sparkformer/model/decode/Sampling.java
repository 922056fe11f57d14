package io.sparkformer.model.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;

/**
 * Continues texts token by token, each token drawn from the network's distribution or, greedily, the most probable one.
 *
 * <p>A text ends before an end token, at its longest length, or where the caller says so. A text that no longer fits into what the network
 * accepts goes on from its own last tokens ({@link SampledText#window}); of an encoder-decoder, whose texts begin empty, it ends there.
 *
 * <p>A token is a function of the text before it, of the seed, and of the text's row and sample: neither other texts nor their number
 * change it. Rows that are done leave the batch. Not safe for use by several threads, like its decoder, which stays the caller's to close.
 */
public final class Sampling {

  private final LogitsDecoder decoder;
  private final TokenSampler sampler;
  private final TokenRules rules;
  private final ControlTokens control;
  private final long seed;
  private final float[] scores;
  private final BitSet seen;

  /** @param control what a text begins with where it has no prompt, what ends it, and what is never part of it */
  public Sampling(LogitsDecoder decoder, SamplingOptions options, TokenRules rules, ControlTokens control, long seed) {
    this.decoder = decoder;
    this.sampler = new TokenSampler(options, decoder.limits().vocabulary());
    this.rules = rules;
    this.control = control;
    this.seed = seed;
    this.scores = new float[decoder.limits().vocabulary()];
    this.seen = new BitSet(decoder.limits().vocabulary());
  }

  /**
   * Continues a batch of texts. Texts that follow one another and have the same prompt, the same array, share its reading.
   *
   * @param texts without new tokens; they get them
   * @param endsHere asked after every new token but an end token: whether the text ends with it
   */
  public void generate(List<SampledText> texts, Predicate<SampledText> endsHere) {
    List<SampledText> unfinished = texts;
    while (!unfinished.isEmpty()) {
      unfinished = generateToLimit(unfinished, endsHere);
    }
  }

  /** Continues texts until each has ended or fills what the network accepts; returns the latter. */
  private List<SampledText> generateToLimit(List<SampledText> texts, Predicate<SampledText> endsHere) {
    List<int[]> inputs = new ArrayList<>();
    int[] rows = new int[texts.size()];
    int[] newTokensThatFit = new int[texts.size()];
    for (int i = 0; i < texts.size(); i++) {
      boolean shared = i > 0 && texts.get(i).beginsLike(texts.get(i - 1));
      if (!shared) {
        inputs.add(decoder.limits().continuesInput() ? texts.get(i).window(decoder.limits().maxInput()) : texts.get(i).prompt());
      }
      rows[i] = inputs.size() - 1;
      newTokensThatFit[i] = texts.get(i).newTokens() + decoder.limits().maxNewTokens(inputs.get(rows[i]).length);
    }
    List<SampledText> active = texts;
    List<SampledText> full = new ArrayList<>();
    float[] logits = decoder.startLogits(inputs);
    while (true) {
      List<SampledText> staying = new ArrayList<>(active.size());
      int[] parents = new int[active.size()];
      int[] fits = new int[active.size()];
      for (int i = 0; i < active.size(); i++) {
        SampledText text = active.get(i);
        boolean goesOn = extend(text, logits, rows[i]) && !endsHere.test(text) && text.newTokens() < text.maxNewTokens();
        if (goesOn && text.newTokens() <= newTokensThatFit[i]) {
          parents[staying.size()] = rows[i];
          fits[staying.size()] = newTokensThatFit[i];
          staying.add(text);
        } else if (goesOn && decoder.limits().continuesInput()) {
          full.add(text);
        }
      }
      if (staying.isEmpty()) {
        return full;
      }
      active = staying;
      newTokensThatFit = fits;
      rows = new int[active.size()];
      Arrays.setAll(rows, i -> i);
      logits = decoder.stepLogits(active.stream().mapToInt(SampledText::newest).toArray(), Arrays.copyOf(parents, active.size()));
    }
  }

  /** Appends a token, unless it is an end token or there may be none. */
  private boolean extend(SampledText text, float[] logits, int row) {
    if (text.newTokens() == text.maxNewTokens()) {
      return false;
    }
    int vocabulary = scores.length;
    System.arraycopy(logits, row * vocabulary, scores, 0, vocabulary);
    text.apply(rules, scores, control, seen);
    for (int token : control.suppressed()) {
      scores[token] = Float.NEGATIVE_INFINITY;
    }
    int token = sampler.draw(scores, vocabulary, RandomDraw.uniform(seed, text.row(), text.sample(), text.newTokens()));
    if (control.isEnd(token)) {
      return false;
    }
    text.add(token);
    return true;
  }
}
