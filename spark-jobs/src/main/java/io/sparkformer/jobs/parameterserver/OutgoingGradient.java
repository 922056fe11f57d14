package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.memory.FlatRange;
import java.util.Map;
import java.util.TreeMap;

/** Sends the gradient of one step: small neighbouring ranges are sent together, and ranges that were not named are sent at the end. */
final class OutgoingGradient {
  /** Least number of elements that are sent before the end: 2 MB. */
  private static final long LEAST_LENGTH = 1 << 19;

  private final Transport transport;
  private final long length;
  /** Ends of the ranges that were named in this step, by their beginnings. */
  private final TreeMap<Long, Long> named = new TreeMap<>();
  private FlatRange pending = new FlatRange(0, 0);

  OutgoingGradient(Transport transport, long length) {
    this.transport = transport;
    this.length = length;
  }

  /** @throws IllegalArgumentException when part of the range was named before */
  void add(long step, FlatRange range) {
    if (range.isEmpty()) {
      return;
    }
    Map.Entry<Long, Long> before = named.lowerEntry(range.to());
    if (before != null && before.getValue() > range.from()) {
      throw new IllegalArgumentException("step " + step + ": the gradient " + range + " was pushed before, [" + before.getKey() + ", "
          + before.getValue() + ")");
    }
    named.put(range.from(), range.to());
    if (range.to() == pending.from()) {
      pending = new FlatRange(range.from(), pending.to());
    } else if (pending.to() == range.from()) {
      pending = new FlatRange(pending.from(), range.to());
    } else {
      send(step);
      pending = range;
    }
    if (pending.length() >= LEAST_LENGTH) {
      send(step);
    }
  }

  /** Sends all that was not named; the next step begins. */
  void addRest(long step) {
    send(step);
    long end = 0;
    for (Map.Entry<Long, Long> range : named.entrySet()) {
      push(step, new FlatRange(end, range.getKey()));
      end = range.getValue();
    }
    push(step, new FlatRange(end, length));
    named.clear();
  }

  private void send(long step) {
    push(step, pending);
    pending = new FlatRange(0, 0);
  }

  private void push(long step, FlatRange range) {
    if (!range.isEmpty()) {
      transport.push(step, range);
    }
  }
}
