package io.sparkformer.data.tokenizer;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Neighbouring symbols with their 64-bit counts and the words that hold them, kept up to date while words are merged.
 *
 * <p>A hash table with open addressing over primitive arrays: tens of millions of updates per training touch it. A list of words may hold a
 * word more than once, and words that no longer hold the pair; it holds every word that does.
 */
final class PairIndex {

  private static final long FREE = 0;
  private static final int[] NO_WORDS = {};

  private long[] pairs = new long[1 << 16];
  private long[] counts = new long[pairs.length];
  private int[][] words = new int[pairs.length][];
  private int[] wordsUsed = new int[pairs.length];
  /** Round in which a pair's count last rose. */
  private int[] risenIn = new int[pairs.length];
  private int slotsUsed;

  private long[] risen = new long[1 << 10];
  private int risenUsed;
  private int round = 1;

  /** Two token ids in one number, in the order of left, then right; never 0, as id 0 is a special token. */
  static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  static int left(long pair) {
    return (int) (pair >>> 32);
  }

  static int right(long pair) {
    return (int) pair;
  }

  /** Occurrences of a pair, each as often as its word. */
  long count(long pair) {
    return counts[slot(pair)];
  }

  /** One more occurrence, in a word that occurs {@code times} times. */
  void add(long pair, long times, int word) {
    int slot = slot(pair);
    if (pairs[slot] == FREE) {
      slot = claim(pair, slot);
    }
    counts[slot] += times;
    append(slot, word);
    if (risenIn[slot] != round) {
      risenIn[slot] = round;
      if (risenUsed == risen.length) {
        risen = Arrays.copyOf(risen, risenUsed * 2);
      }
      risen[risenUsed++] = pair;
    }
  }

  /** One occurrence less, in a word that occurs {@code times} times. */
  void remove(long pair, long times) {
    int slot = slot(pair);
    counts[slot] -= times;
    if (counts[slot] == 0) {
      words[slot] = NO_WORDS;
      wordsUsed[slot] = 0;
    }
  }

  /** Removes a pair that is about to be merged everywhere; returns the words that may hold it. */
  int[] take(long pair) {
    int slot = slot(pair);
    int[] taken = Arrays.copyOf(words[slot], wordsUsed[slot]);
    forget(pair);
    return taken;
  }

  /** Sets the count to 0 and removes the words: for the pair just merged, whose own count was not updated. */
  void forget(long pair) {
    int slot = slot(pair);
    counts[slot] = 0;
    words[slot] = NO_WORDS;
    wordsUsed[slot] = 0;
  }

  /** Passes on every pair whose count has risen since the last call, once each. */
  void drainRisen(LongConsumer pairsOnce) {
    for (int i = 0; i < risenUsed; i++) {
      pairsOnce.accept(risen[i]);
    }
    risenUsed = 0;
    round++;
  }

  private void append(int slot, int word) {
    int used = wordsUsed[slot];
    int[] list = words[slot];
    if (used > 0 && list[used - 1] == word) {
      return;
    }
    if (used == list.length) {
      list = Arrays.copyOf(list, used < 2 ? 2 : used + (used >> 1));
      words[slot] = list;
    }
    list[used] = word;
    wordsUsed[slot] = used + 1;
  }

  private int claim(long pair, int freeSlot) {
    int slot = freeSlot;
    if (slotsUsed * 2 >= pairs.length) {
      rehash();
      slot = slot(pair);
    }
    pairs[slot] = pair;
    words[slot] = NO_WORDS;
    slotsUsed++;
    return slot;
  }

  /** Slot of a pair, or the free one where it would stand. */
  private int slot(long pair) {
    int mask = pairs.length - 1;
    long mixed = pair * 0x9E3779B97F4A7C15L;
    int slot = (int) (mixed >>> 32) & mask;
    while (pairs[slot] != FREE && pairs[slot] != pair) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  /** Removes pairs of count 0, and doubles the table if it is still too full. */
  private void rehash() {
    long[] oldPairs = pairs;
    long[] oldCounts = counts;
    int[][] oldWords = words;
    int[] oldWordsUsed = wordsUsed;
    int[] oldRisenIn = risenIn;
    int alive = 0;
    for (int i = 0; i < oldPairs.length; i++) {
      alive += isAlive(oldPairs[i], oldCounts[i], oldRisenIn[i]) ? 1 : 0;
    }
    int capacity = alive * 4 > oldPairs.length ? oldPairs.length * 2 : oldPairs.length;
    pairs = new long[capacity];
    counts = new long[capacity];
    words = new int[capacity][];
    wordsUsed = new int[capacity];
    risenIn = new int[capacity];
    slotsUsed = alive;
    for (int i = 0; i < oldPairs.length; i++) {
      if (isAlive(oldPairs[i], oldCounts[i], oldRisenIn[i])) {
        int slot = slot(oldPairs[i]);
        pairs[slot] = oldPairs[i];
        counts[slot] = oldCounts[i];
        words[slot] = oldWords[i];
        wordsUsed[slot] = oldWordsUsed[i];
        risenIn[slot] = oldRisenIn[i];
      }
    }
  }

  private boolean isAlive(long pair, long count, int lastRisenIn) {
    return pair != FREE && (count != 0 || lastRisenIn == round);
  }
}
