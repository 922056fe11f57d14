package io.sparkformer.model.graph;

import io.sparkformer.model.memory.FlatRange;
import java.util.function.Consumer;

/**
 * Follows one micro-batch through the network, on the network's own thread: what of the flat parameters it needs next, and what of the
 * flat gradient it has finished. So parameters may still arrive while the forward pass runs, and gradients leave during the backward pass.
 */
public interface PassListener {
  /** Ignores all events. */
  PassListener NONE = waiting(parameters -> { });

  /** Waits for parameters, and reads no gradients: more is added to them in later passes. */
  static PassListener waiting(Consumer<FlatRange> until) {
    return new PassListener() {
      @Override
      public void needs(FlatRange parameters) {
        until.accept(parameters);
      }

      @Override
      public boolean readsGradients() {
        return false;
      }
    };
  }

  /** The forward pass reads this range of the parameters when this method has returned; ranges come in topological order. */
  void needs(FlatRange parameters);

  /** Whether ranges of the gradient must be on the host when they are finished. */
  default boolean readsGradients() {
    return true;
  }

  /** The backward pass has added its last to this range of the gradient; every element is named once, the last layers' first. */
  default void finished(FlatRange gradient) {
    // Nothing to send.
  }
}
