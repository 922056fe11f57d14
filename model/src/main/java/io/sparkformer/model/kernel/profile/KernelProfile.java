package io.sparkformer.model.kernel.profile;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Time that each kind of kernel took, by the clock on the wall. Used by the graph's own thread. */
public final class KernelProfile {
  private final Map<String, Times> times = new LinkedHashMap<>();

  /**
   * @param forwardNanos in all forward passes
   * @param backwardNanos in all backward passes
   * @param calls forward passes
   */
  public record Times(long forwardNanos, long backwardNanos, long calls) {
    static final Times NONE = new Times(0, 0, 0);

    Times plus(Times other) {
      return new Times(forwardNanos + other.forwardNanos, backwardNanos + other.backwardNanos, calls + other.calls);
    }

    public long nanos() {
      return forwardNanos + backwardNanos;
    }
  }

  /** By the name of the kind, in the order of their first calls. */
  public Map<String, Times> times() {
    return Map.copyOf(times);
  }

  /** Forgets all times. */
  public void clear() {
    times.clear();
  }

  <T> T forward(String kind, Supplier<T> pass) {
    long start = System.nanoTime();
    T result = pass.get();
    add(kind, new Times(System.nanoTime() - start, 0, 1));
    return result;
  }

  <T> T backward(String kind, Supplier<T> pass) {
    long start = System.nanoTime();
    T result = pass.get();
    add(kind, new Times(0, System.nanoTime() - start, 0));
    return result;
  }

  private void add(String kind, Times more) {
    times.merge(kind, more, Times::plus);
  }
}
