package io.sparkformer.model.batch;

import io.sparkformer.model.kernel.Loss;
import java.util.LinkedHashMap;
import java.util.Map;

/** The summed losses of a network's heads over some micro-batches, by the name of the head: what workers add up. */
public record Losses(Map<String, Loss> byHead) {
  public Losses {
    byHead = new LinkedHashMap<>(byHead);
  }

  /** Zero if the head has counted nothing. */
  public Loss of(String head) {
    return byHead.getOrDefault(head, Loss.ZERO);
  }

  /** The loss of a network with one head. */
  public Loss only() {
    if (byHead.size() > 1) {
      throw new IllegalStateException("The losses of several heads, where one was expected: " + byHead.keySet());
    }
    return byHead.values().stream().findFirst().orElse(Loss.ZERO);
  }

  public Losses plus(Losses other) {
    Map<String, Loss> sum = new LinkedHashMap<>(byHead);
    other.byHead.forEach((head, loss) -> sum.merge(head, loss, Loss::plus));
    return new Losses(sum);
  }
}
