package io.sparkformer.data.corpus;

import io.sparkformer.data.SplitMix64;
import java.io.Serializable;
import java.util.Locale;

/**
 * Estimates how similar two texts are without comparing them (Broder 1997, "On the resemblance and containment of documents"): of the set
 * of a text's shingles (runs of {@code shingleWords} words), the smallest value of each of many hash functions is kept. Two texts have the
 * same smallest value with the probability of their Jaccard similarity s, the shingles that they share over those that either has. The
 * values are grouped in bands: two texts agree in all rows of at least one band with the probability {@code 1 - (1 - s^rows)^bands}.
 *
 * @param bands number of bands
 * @param rows number of hash functions of a band
 * @param shingleWords number of words of a shingle
 */
public record MinHash(int bands, int rows, int shingleWords) implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final long FUNCTIONS = 0x4D494E48;

  /** 14 bands of 8 functions over shingles of 5 words: a pair of similarity 0.8 is found in 92 of 100 cases, of 0.5 in 5. */
  public static final MinHash USUAL = new MinHash(14, 8, 5);

  /**
   * @throws IllegalArgumentException if a number is not positive
   */
  public MinHash {
    if (bands < 1 || rows < 1 || shingleWords < 1) {
      throw new IllegalArgumentException("Invalid MinHash: bands=" + bands + ", rows=" + rows + ", shingleWords=" + shingleWords
        + " (must be >= 1)");
    }
  }

  /** One line for people: what is found. */
  public String description() {
    return String.format(Locale.ROOT, "near duplicates are found to %.1f %% at similarity 0.8, %.1f %% at 0.5 "
      + "(%d bands of %d, runs of %d words)", 100 * recall(0.8), 100 * recall(0.5), bands, rows, shingleWords);
  }

  /** The probability that two texts of this similarity are found. */
  public double recall(double similarity) {
    return 1 - Math.pow(1 - Math.pow(similarity, rows), bands);
  }

  /**
   * A key for each band: two texts whose keys are equal agree in all rows of the band.
   *
   * @return [bands] of a text with at least one word; empty for one without
   */
  long[] bands(String text) {
    long[] shingles = Shingles.of(text, shingleWords);
    if (shingles.length == 0) {
      return new long[0];
    }
    long[] keys = new long[bands];
    for (int band = 0; band < bands; band++) {
      long key = band;
      for (int row = 0; row < rows; row++) {
        long function = SplitMix64.hash(FUNCTIONS, (long) band * rows + row);
        long smallest = Long.MAX_VALUE;
        for (long shingle : shingles) {
          smallest = Math.min(smallest, Shingles.mixed(shingle ^ function));
        }
        key = Shingles.mixed(key * 31 + smallest);
      }
      keys[band] = key;
    }
    return keys;
  }
}
