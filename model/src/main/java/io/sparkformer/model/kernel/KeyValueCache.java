package io.sparkformer.model.kernel;

/** Keys and values that one attention has seen, per row of a decoding batch. Made by {@link AttentionKernel}, opaque to others. */
public interface KeyValueCache extends AutoCloseable {
  /** Keeps the rows {@code parents[0], parents[1], ...} in that order; a row may be dropped, moved or repeated. */
  void select(int[] parents);

  /** Gives the memory back for other caches to use; a cache that is forgotten instead gives it to the garbage collector. */
  @Override
  void close();
}
