package io.sparkformer.data.shard;

import java.util.Arrays;
import java.util.Objects;

/**
 * A text, or two texts one after the other, as a network reads it, and its label. The arrays are not copied: do not change them.
 *
 * @param tokens [tokens] ids, special tokens included
 * @param types [tokens] the token type of each (0: first text, 1: second text); empty where all are 0
 * @param label of a class its number; of a value the bits of the float32 ({@link Float#floatToIntBits})
 */
public record LabelledText(int[] tokens, int[] types, int label) implements Example {

  private static final long serialVersionUID = 1L;

  /**
   * @throws IllegalArgumentException for a text without tokens, or another number of types
   */
  public LabelledText {
    Objects.requireNonNull(tokens, "tokens");
    Objects.requireNonNull(types, "types");
    if (tokens.length == 0 || types.length > 0 && types.length != tokens.length) {
      throw new IllegalArgumentException("A labelled text has tokens, and no types or as many: tokens=" + tokens.length + ", types="
        + types.length);
    }
  }

  /** The label as a value. */
  public float value() {
    return Float.intBitsToFloat(label);
  }

  @Override
  public ExampleKind kind() {
    return ExampleKind.LABELLED_TEXTS;
  }

  @Override
  public int[][] ids() {
    return new int[][] {tokens, types, {label}};
  }

  /** Equal ids, types and labels. */
  @Override
  public boolean equals(Object other) {
    return other instanceof LabelledText text && Arrays.equals(tokens, text.tokens) && Arrays.equals(types, text.types)
      && label == text.label;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tokens) + label;
  }

  @Override
  public String toString() {
    return Arrays.toString(tokens) + " = " + label;
  }
}
