package io.sparkformer.data.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Unique words of a corpus, as a {@link SubwordAlgorithm} cuts them (for bytes, a leading space belongs to its word), each with its 64-bit
 * number of occurrences. {@link WordCounter} makes it on Spark.
 *
 * <p>Memory: words are UTF-8 bytes in one run, about 25 bytes a word in all.
 */
public final class WordCounts {

  private final byte[] bytes;
  private final int[] ends;
  private final long[] counts;

  private WordCounts(Builder builder) {
    bytes = builder.bytes;
    ends = Arrays.copyOf(builder.ends, builder.size);
    counts = Arrays.copyOf(builder.counts, builder.size);
  }

  /** From words of well-formed text to their counts, each 1 or more. */
  public static WordCounts of(Map<String, Long> wordCounts) {
    Builder builder = new Builder();
    wordCounts.forEach(builder::add);
    return builder.build();
  }

  /** Number of unique words. */
  public int size() {
    return counts.length;
  }

  /** Number of words, every occurrence counted. */
  public long total() {
    return Arrays.stream(counts).sum();
  }

  /** Bytes of all unique words together. */
  int byteLength() {
    return size() == 0 ? 0 : ends[size() - 1];
  }

  /** Occurrences of a word, by its number from 0. */
  long count(int word) {
    return counts[word];
  }

  /** Where a word's bytes begin. */
  int start(int word) {
    return word == 0 ? 0 : ends[word - 1];
  }

  /** Where a word's bytes end. */
  int end(int word) {
    return ends[word];
  }

  /** Unsigned value of one byte of the words. */
  int byteAt(int position) {
    return bytes[position] & 0xff;
  }

  /** A word. */
  String text(int word) {
    return new String(bytes, start(word), end(word) - start(word), StandardCharsets.UTF_8);
  }

  /** The bytes of a word: a copy. */
  byte[] bytes(int word) {
    return Arrays.copyOfRange(bytes, start(word), end(word));
  }

  /** Compares words by their bytes. */
  int compareBytes(int one, int other) {
    return Arrays.compareUnsigned(bytes, start(one), end(one), bytes, start(other), end(other));
  }

  /** Collects words one by one; each may be added once. */
  static final class Builder {
    private byte[] bytes = new byte[1 << 12];
    private int[] ends = new int[1 << 8];
    private long[] counts = new long[ends.length];
    private int size;

    void add(String word, long count) {
      add(word.getBytes(StandardCharsets.UTF_8), count);
    }

    void add(byte[] utf8, long count) {
      int start = size == 0 ? 0 : ends[size - 1];
      int end = Math.addExact(start, utf8.length);
      if (size == ends.length) {
        ends = Arrays.copyOf(ends, size * 2);
        counts = Arrays.copyOf(counts, size * 2);
      }
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(end, bytes.length * 2L)));
      }
      System.arraycopy(utf8, 0, bytes, start, utf8.length);
      ends[size] = end;
      counts[size++] = count;
    }

    WordCounts build() {
      return new WordCounts(this);
    }
  }
}
