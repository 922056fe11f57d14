package io.sparkformer.model.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What is added to the embedding of a token for its position in the sequence. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "positions")
@JsonSubTypes({
    @JsonSubTypes.Type(value = EmbeddingPositions.None.class, name = "none"),
    @JsonSubTypes.Type(value = EmbeddingPositions.Sinusoidal.class, name = "sinusoidal"),
    @JsonSubTypes.Type(value = EmbeddingPositions.Learned.class, name = "learned")})
public sealed interface EmbeddingPositions {
  EmbeddingPositions NONE = new None();

  /** Nothing. */
  record None() implements EmbeddingPositions {}

  /**
   * Sines and cosines of {@code p * 10000^(-i / frequencies)}, {@code i} from 0 to half the width, {@code p = offset + position}:
   * Vaswani et al. 2017, section 3.5.
   *
   * @param layout where sines and cosines stand
   * @param offset added to the position
   * @param frequencies half the width in the paper; fairseq and M2M100 divide by one less
   */
  record Sinusoidal(Layout layout, int offset, double frequencies) implements EmbeddingPositions {
    /** Where the elements of a position stand. */
    public enum Layout {
      /** Sines on even and cosines on odd elements: the paper. */
      INTERLEAVED,
      /** All sines in the first half, all cosines in the second: Hugging Face's Marian and M2M100. */
      HALVES
    }

    /** The positions {@code 0 ..< rows}, row-major {@code [rows, width]}. */
    public float[] table(int rows, int width) {
      float[] table = new float[Math.multiplyExact(rows, width)];
      for (int i = 0; i < width / 2; i++) {
        double frequency = Math.pow(10000, -i / frequencies);
        int sine = layout == Layout.INTERLEAVED ? 2 * i : i;
        int cosine = layout == Layout.INTERLEAVED ? 2 * i + 1 : width / 2 + i;
        for (int row = 0; row < rows; row++) {
          table[row * width + sine] = (float) Math.sin((row + offset) * frequency);
          table[row * width + cosine] = (float) Math.cos((row + offset) * frequency);
        }
      }
      return table;
    }
  }

  /**
   * A learned row for each position (Gehring et al. 2017).
   *
   * @param rows of the table
   * @param offset row of position 0: OPT and BART keep 2 rows in front, RoBERTa counts from behind its padding token
   */
  record Learned(int rows, int offset) implements EmbeddingPositions {
    public Learned {
      if (offset < 0 || rows <= offset) {
        throw new IllegalArgumentException("Invalid learned positions: rows=%d, offset=%d".formatted(rows, offset));
      }
    }
  }
}
