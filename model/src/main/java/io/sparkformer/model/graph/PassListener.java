package io.sparkformer.model.graph;

import io.sparkformer.model.memory.FlatRange;

/**
 * Follows one micro-batch through the network, on the network's own thread: what of the flat parameters it needs next, and what of the
 * flat gradient it has finished. So parameters may still arrive while the forward pass runs, and gradients leave during the backward pass.
 */
@FunctionalInterface
public interface PassListener {
  /** Does not care. */
  PassListener NONE = parameters -> { };

  /** The forward pass reads this range of the parameters when this method has returned; ranges come in topological order. */
  void needs(FlatRange parameters);

  /** The backward pass has added its last to this range of the gradient; every element is named once, the last layers' first. */
  default void finished(FlatRange gradient) {
    // Nothing to send.
  }
}
