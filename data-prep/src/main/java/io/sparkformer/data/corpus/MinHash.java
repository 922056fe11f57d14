package io.sparkformer.data.corpus;

import io.sparkformer.data.SplitMix64;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;

/**
 * Estimates how similar two texts are without comparing them (Broder 1997, "On the resemblance and containment of documents"): of the set
 * of a text's shingles, runs of so many words, the smallest value of each of many hash functions is kept. Two texts have the same smallest
 * value with the probability of their Jaccard similarity s, the shingles that they share over those that either has. The values are
 * grouped in bands: two texts agree in all rows of at least one band with the probability {@code 1 - (1 - s^rows)^bands}.
 *
 * @param bands how many
 * @param rows hash functions of a band
 * @param shingleWords words of a shingle
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

  /** The probability that two texts of this similarity are found. */
  public double recall(double similarity) {
    return 1 - Math.pow(1 - Math.pow(similarity, rows), bands);
  }

  /**
   * A number for each band: texts with equal ones share the band.
   *
   * @return [bands] of a text with at least one word; empty for one without
   */
  long[] bands(String text) {
    long[] shingles = shingles(text);
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
          smallest = Math.min(smallest, mixed(shingle ^ function));
        }
        key = mixed(key * 31 + smallest);
      }
      keys[band] = key;
    }
    return keys;
  }

  /** Hashes of all shingles, of a text with fewer words the hash of it all. Words are compared in lower case, without their punctuation. */
  long[] shingles(String text) {
    long[] words = words(text);
    int width = Math.min(shingleWords, words.length);
    if (width == 0) {
      return new long[0];
    }
    long[] shingles = new long[words.length - width + 1];
    for (int i = 0; i < shingles.length; i++) {
      long hash = width;
      for (int word = 0; word < width; word++) {
        hash = mixed(hash * 31 + words[i + word]);
      }
      shingles[i] = hash;
    }
    return Arrays.stream(shingles).distinct().toArray();
  }

  private static long[] words(String text) {
    long[] words = new long[16];
    int count = 0;
    String lower = text.toLowerCase(Locale.ROOT);
    int i = 0;
    while (i < lower.length()) {
      long hash = 0;
      int begin = i;
      while (i < lower.length() && Character.isLetterOrDigit(lower.charAt(i))) {
        hash = hash * 0x100000001B3L + lower.charAt(i++) + 1;
      }
      if (i > begin) {
        words = count == words.length ? Arrays.copyOf(words, 2 * count) : words;
        words[count++] = mixed(hash);
      } else {
        i++;
      }
    }
    return Arrays.copyOf(words, count);
  }

  /** A bijection that mixes all bits (David Stafford's variant 13). */
  private static long mixed(long bits) {
    long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
