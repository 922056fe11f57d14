package io.sparkformer.data.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How often each string of 2 to 16 characters occurs within words: what the vocabulary of a unigram model is chosen from. Strings are told
 * apart by 64-bit hashes.
 */
final class SubstringCounts {

  static final int MOST_CHARACTERS = 16;
  static final int MOST_BYTES = 32;
  /** About 300 MB; strings that only rarer words hold are not counted any more. */
  private static final int MOST_STRINGS = 8 << 20;

  private final WordCounts words;
  private long[] hashes = new long[1 << 16];
  private long[] counts = new long[1 << 16];
  private int[] starts = new int[1 << 16];
  private byte[] lengths = new byte[1 << 16];
  private int size;

  /** @param words the most frequent first */
  SubstringCounts(WordCounts words) {
    this.words = words;
    for (int word = 0; word < words.size() && size < MOST_STRINGS; word++) {
      count(word);
    }
  }

  private void count(int word) {
    for (int start = words.start(word); start < words.end(word); start++) {
      if (!isBoundary(start)) {
        continue;
      }
      long hash = 1;
      int characters = 0;
      for (int end = start; end < words.end(word) && end - start < MOST_BYTES && characters < MOST_CHARACTERS;) {
        do {
          hash = next(hash, words.byteAt(end++));
        } while (end < words.end(word) && !isBoundary(end));
        if (++characters > 1 && end - start <= MOST_BYTES) {
          add(hash, start, end - start, words.count(word));
        }
      }
    }
  }

  private boolean isBoundary(int place) {
    return (words.byteAt(place) & 0xC0) != 0x80;
  }

  private static long next(long hash, int value) {
    return (hash ^ value) * 0x9E3779B97F4A7C15L + (hash >>> 29);
  }

  private void add(long hash, int start, int length, long count) {
    if (3 * size >= 2 * hashes.length) {
      grow();
    }
    int slot = slot(hash);
    if (lengths[slot] == 0) {
      hashes[slot] = hash;
      starts[slot] = start;
      lengths[slot] = (byte) length;
      size++;
    }
    counts[slot] += count;
  }

  /** Where a string is, or the free place for it. */
  private int slot(long hash) {
    int slot = (int) (hash * 0xBF58476D1CE4E5B9L >>> 32) & hashes.length - 1;
    while (lengths[slot] != 0 && hashes[slot] != hash) {
      slot = slot + 1 & hashes.length - 1;
    }
    return slot;
  }

  private void grow() {
    long[] oldHashes = hashes;
    long[] oldCounts = counts;
    int[] oldStarts = starts;
    byte[] oldLengths = lengths;
    hashes = new long[2 * oldHashes.length];
    counts = new long[hashes.length];
    starts = new int[hashes.length];
    lengths = new byte[hashes.length];
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldLengths[i] != 0) {
        int slot = slot(oldHashes[i]);
        hashes[slot] = oldHashes[i];
        counts[slot] = oldCounts[i];
        starts[slot] = oldStarts[i];
        lengths[slot] = oldLengths[i];
      }
    }
  }

  /** A string, and how often it occurs. */
  record Counted(byte[] bytes, long count) {

    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Characters that it covers in all. */
    long weight() {
      return count * text().codePointCount(0, text().length());
    }
  }

  /**
   * The strings that cover most characters, those first that cover more. A string that always goes on with the same character is left out:
   * the longer one stands for it.
   *
   * @param limit most strings
   * @param minFrequency occurrences of a string, at least
   */
  List<Counted> most(int limit, long minFrequency) {
    boolean[] goesOn = goesOn();
    int[] slots = IntStream.range(0, hashes.length).filter(slot -> lengths[slot] != 0 && counts[slot] >= minFrequency && !goesOn[slot])
      .toArray();
    long[] weights = Arrays.stream(slots).mapToLong(this::weight).sorted().toArray();
    long least = weights.length <= limit ? 0 : weights[weights.length - limit];
    return Arrays.stream(slots).filter(slot -> weight(slot) >= least).mapToObj(slot -> new Counted(bytes(slot), counts[slot]))
      .filter(counted -> !SpecialToken.texts().contains(counted.text()))
      .sorted(Comparator.comparingLong(Counted::weight).reversed().thenComparing(Counted::bytes, Arrays::compareUnsigned))
      .limit(limit).toList();
  }

  private byte[] bytes(int slot) {
    byte[] bytes = new byte[lengths[slot]];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) words.byteAt(starts[slot] + i);
    }
    return bytes;
  }

  private long weight(int slot) {
    int characters = 0;
    for (int i = 0; i < lengths[slot]; i++) {
      characters += isBoundary(starts[slot] + i) ? 1 : 0;
    }
    return counts[slot] * characters;
  }

  /** Of each place: whether its string occurs as often as one that is a character longer. */
  private boolean[] goesOn() {
    boolean[] goesOn = new boolean[hashes.length];
    for (int i = 0; i < hashes.length; i++) {
      int last = lengths[i] - 1;
      while (last > 0 && !isBoundary(starts[i] + last)) {
        last--;
      }
      if (last > 1) {
        long hash = 1;
        for (int at = 0; at < last; at++) {
          hash = next(hash, words.byteAt(starts[i] + at));
        }
        int shorter = slot(hash);
        goesOn[shorter] |= lengths[shorter] == last && counts[shorter] == counts[i];
      }
    }
    return goesOn;
  }
}
