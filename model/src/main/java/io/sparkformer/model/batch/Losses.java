package io.sparkformer.model.batch;

import io.sparkformer.model.kernel.Loss;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The summed losses of a network's heads over some micro-batches, by the name of the head: what workers add up. Of a backward pass they may
 * still be computed: to ask for one waits for it.
 */
public record Losses(Map<String, Supplier<Loss>> byHead) {
  public Losses {
    byHead = new LinkedHashMap<>(byHead);
  }

  /** Zero if the head has counted nothing. */
  public Loss of(String head) {
    return byHead.getOrDefault(head, () -> Loss.ZERO).get();
  }

  /** The loss of a network with one head. */
  public Loss only() {
    if (byHead.size() > 1) {
      throw new IllegalStateException("The losses of several heads, where one was expected: " + byHead.keySet());
    }
    return byHead.keySet().stream().findFirst().map(this::of).orElse(Loss.ZERO);
  }
}
