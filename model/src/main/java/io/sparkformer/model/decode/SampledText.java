package io.sparkformer.model.decode;

import java.util.Arrays;
import java.util.BitSet;

/** A text that {@link Sampling} makes: the tokens before it, and those that it has got. */
public final class SampledText {
  private static final int FIRST_CAPACITY = 16;

  private final int[] prompt;
  private final int kept;
  private final long row;
  private final int sample;
  private final int maxNewTokens;
  /** The decoder's tokens: what stands before the new ones, and these. */
  private int[] tokens;
  private final int before;
  private int length;

  private SampledText(int[] prompt, int[] before, int kept, long row, int sample, int maxNewTokens) {
    this.prompt = prompt;
    this.tokens = Arrays.copyOf(before, before.length + Math.min(FIRST_CAPACITY, maxNewTokens));
    this.before = before.length;
    this.length = before.length;
    this.kept = kept;
    this.row = row;
    this.sample = sample;
    this.maxNewTokens = maxNewTokens;
  }

  /**
   * The continuation of a prompt by a decoder.
   *
   * @param prompt at least one token
   * @param kept how many tokens at its beginning stay whatever else is cut: the begin token, for instance
   * @param row number of the prompt
   * @param sample number of the text among those of the prompt
   */
  public static SampledText continuation(int[] prompt, int kept, long row, int sample, int maxNewTokens) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("A decoder needs at least one token to continue: prompt " + row + " is empty");
    }
    return new SampledText(prompt, prompt, kept, row, sample, maxNewTokens);
  }

  /**
   * What a decoder says to a text that an encoder has read.
   *
   * @param source without end token
   * @param begin what the decoder reads first
   */
  public static SampledText answer(int[] source, int begin, long row, int sample, int maxNewTokens) {
    return new SampledText(source, new int[] {begin}, 0, row, sample, maxNewTokens);
  }

  /** The tokens that the text was made to follow; not a copy. */
  public int[] prompt() {
    return prompt;
  }

  /** A copy of the new tokens. */
  public int[] newTokensCopy() {
    return Arrays.copyOfRange(tokens, before, length);
  }

  /** A copy of the last of the new tokens. */
  public int[] lastNewTokens(int most) {
    return Arrays.copyOfRange(tokens, Math.max(before, length - most), length);
  }

  /** Number of new tokens. */
  public int newTokens() {
    return length - before;
  }

  public long row() {
    return row;
  }

  public int sample() {
    return sample;
  }

  int maxNewTokens() {
    return maxNewTokens;
  }

  int newest() {
    return tokens[length - 1];
  }

  boolean beginsLike(SampledText other) {
    return prompt == other.prompt && newTokens() == 0 && other.newTokens() == 0;
  }

  void add(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
    }
    tokens[length++] = token;
  }

  /** Applies rules to the scores of the text's next token. */
  void apply(TokenRules rules, float[] scores, ControlTokens control, BitSet seen) {
    rules.apply(scores, 0, 0, tokens, length, newTokens(), control, seen);
  }

  /**
   * What a decoder reads to go on: all tokens, or, where these are more than it accepts, the {@code kept} first and so many of the last
   * that the tokens still wanted fit behind them, but at least half of what it accepts.
   *
   * @param maxInput tokens that the decoder accepts
   */
  int[] window(int maxInput) {
    return window(Arrays.copyOf(tokens, length), kept, maxNewTokens - newTokens(), maxInput);
  }

  /** As {@link #window(int)}, of a text that is to get {@code wanted} more tokens. */
  public static int[] window(int[] tokens, int kept, int wanted, int maxInput) {
    if (tokens.length <= maxInput) {
      return tokens;
    }
    int size = Math.max(1, Math.max(maxInput - wanted, (maxInput + 1) / 2));
    int first = Math.min(kept, size - 1);
    int[] window = Arrays.copyOf(tokens, size);
    System.arraycopy(tokens, tokens.length - (size - first), window, first, size - first);
    return window;
  }
}
