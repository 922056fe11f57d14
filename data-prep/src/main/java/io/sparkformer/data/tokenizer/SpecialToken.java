package io.sparkformer.data.tokenizer;

import java.util.Arrays;
import java.util.List;

/** The tokens that never stand for text. Every tokenizer of this project holds them with these ids, before everything else. */
public enum SpecialToken {
  /** Fills up rows of unequal length. */
  PADDING("<pad>"),
  /** The first token of the decoder's input. */
  BEGIN("<s>"),
  /** Ends a sentence. */
  END("</s>"),
  /** Stands for what a vocabulary cannot express; a byte-level vocabulary never needs it. */
  UNKNOWN("<unk>"),
  /** Stands for a token that a network has to predict. */
  MASK("<mask>");

  private final String text;

  SpecialToken(String text) {
    this.text = text;
  }

  /** Token id: 0 to 4, in the order of declaration. */
  public int id() {
    return ordinal();
  }

  /** The token's entry in {@code tokenizer.json}. */
  public String text() {
    return text;
  }

  /** How many there are; the first id that may stand for text. */
  public static int count() {
    return texts().size();
  }

  /** The texts, by id. */
  public static List<String> texts() {
    return Texts.BY_ID;
  }

  /** True for an id that stands for no text. */
  public static boolean isSpecial(int id) {
    return id >= 0 && id < Texts.BY_ID.size();
  }

  private static final class Texts {
    private static final List<String> BY_ID = Arrays.stream(values()).map(SpecialToken::text).toList();
  }
}
