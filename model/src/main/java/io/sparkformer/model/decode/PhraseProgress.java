package io.sparkformer.model.decode;

import java.util.List;
import java.util.function.IntConsumer;

/**
 * How much a text holds of phrases that it must hold, each in one piece: a function of the text alone. Of a phrase that the text does not
 * hold yet, its longest beginning that the text ends with counts (Knuth, Morris and Pratt 1977).
 */
final class PhraseProgress {
  private final List<Demands.Phrase> phrases;
  /** Of each phrase and number of its tokens: the longest shorter beginning with which these tokens end. */
  private final int[][] shorter;
  /** Of each phrase: how many of its tokens the text ends with, or all of them once it has held them. */
  private final int[] matched;
  /** Of each phrase: how many of its tokens at the beginning of a text the whole text is; -1 where it is something else. */
  private final int[] begun;

  private PhraseProgress(List<Demands.Phrase> phrases, int[][] shorter, int[] matched, int[] begun) {
    this.phrases = phrases;
    this.shorter = shorter;
    this.matched = matched;
    this.begun = begun;
  }

  /** Of a text without tokens. */
  static PhraseProgress of(List<Demands.Phrase> phrases) {
    int[][] shorter = new int[phrases.size()][];
    for (int i = 0; i < shorter.length; i++) {
      int[] tokens = phrases.get(i).tokens();
      shorter[i] = new int[tokens.length + 1];
      for (int length = 2; length <= tokens.length; length++) {
        shorter[i][length] = longest(tokens, shorter[i], shorter[i][length - 1], tokens[length - 1]);
      }
    }
    return new PhraseProgress(phrases, shorter, new int[phrases.size()], new int[phrases.size()]);
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
    int[] nowMatched = matched.clone();
    int[] nowBegun = begun.clone();
    for (int i = 0; i < nowMatched.length; i++) {
      if (!isHeld(i)) {
        int[] first = phrases.get(i).atBeginning();
        nowMatched[i] = longest(phrases.get(i).tokens(), shorter[i], matched[i], token);
        nowBegun[i] = begun[i] >= 0 && first[begun[i]] == token ? begun[i] + 1 : -1;
        if (nowBegun[i] == first.length) {
          nowMatched[i] = phrases.get(i).tokens().length;
        }
      }
    }
    return new PhraseProgress(phrases, shorter, nowMatched, nowBegun);
  }

  private boolean isHeld(int phrase) {
    return matched[phrase] == phrases.get(phrase).tokens().length;
  }

  boolean isComplete() {
    for (int i = 0; i < matched.length; i++) {
      if (!isHeld(i)) {
        return false;
      }
    }
    return true;
  }

  /** Tokens of the phrases that the text holds, and of the one that it has most of among the others. */
  int met() {
    int met = 0;
    int most = 0;
    for (int i = 0; i < matched.length; i++) {
      if (isHeld(i)) {
        met += matched[i];
      } else {
        most = Math.max(most, Math.max(matched[i], begun[i]));
      }
    }
    return met + most;
  }

  /** Hands over the tokens that go on with a phrase that has been begun, or begin one. */
  void next(IntConsumer token) {
    for (int i = 0; i < matched.length; i++) {
      if (!isHeld(i)) {
        int[] tokens = phrases.get(i).tokens();
        token.accept(tokens[matched[i]]);
        if (matched[i] > 0) {
          token.accept(tokens[0]);
        }
        if (begun[i] >= 0) {
          token.accept(phrases.get(i).atBeginning()[begun[i]]);
        }
      }
    }
  }
}
