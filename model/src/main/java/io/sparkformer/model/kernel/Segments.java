package io.sparkformer.model.kernel;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where each sentence of a packed micro-batch begins. Offsets count tokens of the <em>global</em> batch: the first is the place of
 * this micro-batch's first token in it, so that what depends on a token's place (dropout) does not depend on who computes it.
 */
public final class Segments {
  private final int[] offsets;

  private Segments(int[] offsets) {
    this.offsets = offsets;
    for (int i = 1; i < offsets.length; i++) {
      if (offsets[i] < offsets[i - 1]) {
        throw new IllegalArgumentException("Offsets must not decrease: offsets[%d]=%d, offsets[%d]=%d"
            .formatted(i - 1, offsets[i - 1], i, offsets[i]));
      }
    }
  }

  /** From the graph's input, an INT array {@code [sentences + 1]}. */
  public static Segments of(INDArray offsets) {
    return new Segments(offsets.toIntVector());
  }

  /** From sentence lengths, the first sentence beginning at token {@code firstToken} of the global batch. */
  public static Segments ofLengths(int firstToken, int... lengths) {
    int[] offsets = new int[lengths.length + 1];
    offsets[0] = firstToken;
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
    return new Segments(offsets);
  }

  /** The offsets {@code [sentences + 1]}, a copy. */
  public int[] offsets() {
    return offsets.clone();
  }

  public int sentences() {
    return offsets.length - 1;
  }

  /** Tokens of all sentences: rows of the packed arrays. */
  public int tokens() {
    return offsets[offsets.length - 1] - offsets[0];
  }

  /** Place of the micro-batch's first token in the global batch. */
  public int firstToken() {
    return offsets[0];
  }

  /** Place of each token in the global batch: {@code [tokens]}. */
  public int[] placesOfTokens() {
    return IntStream.range(offsets[0], offsets[offsets.length - 1]).toArray();
  }

  /** A number for each sequence that is the same however a global batch is cut: the place of its first token. {@code [sentences]}. */
  public int[] placesOfSequences() {
    return Arrays.copyOf(offsets, sentences());
  }

  /** Row of the packed arrays at which a sentence begins; for {@code sentences()}, the number of rows. */
  public int start(int sentence) {
    return offsets[sentence] - offsets[0];
  }

  public int length(int sentence) {
    return offsets[sentence + 1] - offsets[sentence];
  }

  /** Tokens of the longest sentence; 0 if there is none. */
  public int longest() {
    int longest = 0;
    for (int i = 0; i < sentences(); i++) {
      longest = Math.max(longest, length(i));
    }
    return longest;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Segments segments && Arrays.equals(offsets, segments.offsets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(offsets);
  }
}
