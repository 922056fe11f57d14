package io.sparkformer.model.kernel;

/**
 * The memory of one graph's passes, a stack: arrays are taken one after another, and given back in the reverse order by going back to a
 * mark. A training pass keeps what its backward pass needs by taking it; the backward pass runs through the network in the reverse order
 * and gives back layer by layer. Used by the graph's own thread.
 */
public interface Memory extends Space {
  /** The present height of the stack. */
  long mark();

  /** Gives back everything taken since the mark; arrays from there must not be used any more. */
  void release(long mark);

  /** Bytes taken at present. */
  long used();

  /** The most bytes that were taken at one time since {@link #resetPeak}. */
  long peak();

  void resetPeak();
}
