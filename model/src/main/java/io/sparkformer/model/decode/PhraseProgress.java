package io.sparkformer.model.decode;

import java.util.List;
import java.util.function.IntConsumer;

/**
 * How much a text holds of phrases that it must hold, each in one piece: a function of the text alone. Of a phrase that the text does not
 * hold yet, its longest beginning that the text ends with counts (Knuth, Morris and Pratt 1977).
 */
final class PhraseProgress {
  /** Of a text that need not hold anything. */
  static final PhraseProgress NONE = new PhraseProgress(new int[0][], new int[0][], new int[0]);

  private final int[][] phrases;
  /** Of each phrase and number of its tokens: the longest shorter beginning with which these tokens end. */
  private final int[][] shorter;
  /** Of each phrase: how many of its tokens the text ends with, or all of them once it has held them. */
  private final int[] matched;

  private PhraseProgress(int[][] phrases, int[][] shorter, int[] matched) {
    this.phrases = phrases;
    this.shorter = shorter;
    this.matched = matched;
  }

  /** Of a text without tokens. */
  static PhraseProgress of(List<int[]> phrases) {
    int[][] all = phrases.toArray(int[][]::new);
    int[][] shorter = new int[all.length][];
    for (int i = 0; i < all.length; i++) {
      if (all[i].length == 0) {
        throw new IllegalArgumentException("A phrase that a translation must hold needs at least one token");
      }
      shorter[i] = new int[all[i].length + 1];
      for (int length = 2; length <= all[i].length; length++) {
        shorter[i][length] = longest(all[i], shorter[i], shorter[i][length - 1], all[i][length - 1]);
      }
    }
    return new PhraseProgress(all, shorter, new int[all.length]);
  }

  /** The longest beginning of a phrase with which the text ends that ended with {@code matched} of its tokens and goes on with a token. */
  private static int longest(int[] phrase, int[] shorter, int matched, int token) {
    int length = matched;
    while (length > 0 && phrase[length] != token) {
      length = shorter[length];
    }
    return phrase[length] == token ? length + 1 : 0;
  }

  PhraseProgress followedBy(int token) {
    if (isComplete()) {
      return this;
    }
    int[] more = matched.clone();
    for (int i = 0; i < more.length; i++) {
      if (more[i] < phrases[i].length) {
        more[i] = longest(phrases[i], shorter[i], more[i], token);
      }
    }
    return new PhraseProgress(phrases, shorter, more);
  }

  boolean isComplete() {
    for (int i = 0; i < matched.length; i++) {
      if (matched[i] < phrases[i].length) {
        return false;
      }
    }
    return true;
  }

  /** Tokens of the phrases that the text holds, and of the one that it has most of among the others. */
  int met() {
    int met = 0;
    int begun = 0;
    for (int i = 0; i < matched.length; i++) {
      if (matched[i] == phrases[i].length) {
        met += matched[i];
      } else {
        begun = Math.max(begun, matched[i]);
      }
    }
    return met + begun;
  }

  /** Tokens of all phrases. */
  int wanted() {
    int wanted = 0;
    for (int[] phrase : phrases) {
      wanted += phrase.length;
    }
    return wanted;
  }

  /** Hands over the tokens that go on with a phrase that has been begun, or begin one. */
  void next(IntConsumer token) {
    for (int i = 0; i < matched.length; i++) {
      if (matched[i] < phrases[i].length) {
        token.accept(phrases[i][matched[i]]);
        if (matched[i] > 0) {
          token.accept(phrases[i][0]);
        }
      }
    }
  }
}
