package io.sparkformer.jobs.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Values that are made when they are first asked for, and kept while they are among those that were asked for last. For all threads: a
 * value is made once, while those who want the same one wait.
 */
final class RecentlyUsed<K, V> {

  private final Function<K, V> maker;
  private final Map<K, Kept> entries;

  /** A value that may still have to be made. */
  private final class Kept {

    private V value;

    synchronized V value(K key) {
      if (value == null) {
        value = maker.apply(key);
      }
      return value;
    }
  }

  /** @param most how many values are kept, at least 1 */
  RecentlyUsed(int most, Function<K, V> maker) {
    this.maker = maker;
    this.entries = new LinkedHashMap<>(2 * most, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, Kept> eldest) {
        return size() > most;
      }
    };
  }

  /** The value of a key; what its making throws, and then the next call makes it again. */
  V get(K key) {
    Kept entry;
    synchronized (entries) {
      entry = entries.computeIfAbsent(key, absent -> new Kept());
    }
    return entry.value(key);
  }
}
