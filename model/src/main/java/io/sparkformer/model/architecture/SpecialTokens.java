package io.sparkformer.model.architecture;

import java.io.Serializable;

/**
 * Token ids that a network's description names; {@link #NONE} for one that the vocabulary lacks.
 *
 * @param padding never part of a text
 * @param begin stands before a text
 * @param end stands behind it
 */
public record SpecialTokens(int padding, int begin, int end) implements Serializable {
  public static final int NONE = -1;
}
