package io.sparkformer.model.batch;

import io.sparkformer.model.kernel.Loss;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The summed losses of a network's heads over a micro-batch, by the name of the head: what workers add up. Those of a backward pass may
 * still be computed: who asks for one waits for it.
 */
public final class Losses {
  private final Map<String, Supplier<Loss>> byHead;

  private Losses(Map<String, Supplier<Loss>> byHead) {
    this.byHead = new LinkedHashMap<>(byHead);
  }

  /** Losses that are known when they are asked for. */
  public static Losses pending(Map<String, Supplier<Loss>> byHead) {
    return new Losses(byHead);
  }

  /** Losses that are known. */
  public static Losses known(Map<String, Loss> byHead) {
    Map<String, Supplier<Loss>> known = new LinkedHashMap<>();
    byHead.forEach((head, loss) -> known.put(head, () -> loss));
    return new Losses(known);
  }

  public Map<String, Loss> byHead() {
    Map<String, Loss> losses = new LinkedHashMap<>();
    byHead.forEach((head, loss) -> losses.put(head, loss.get()));
    return losses;
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

  @Override
  public boolean equals(Object other) {
    return other instanceof Losses losses && losses.byHead().equals(byHead());
  }

  @Override
  public int hashCode() {
    return byHead().hashCode();
  }

  @Override
  public String toString() {
    return byHead().toString();
  }
}
