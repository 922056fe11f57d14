package io.sparkformer.jobs.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Adds up how long one worker has been in each phase, in one at any time. Used by the worker's own thread. */
public final class PhaseClock {
  private final long startNanos = System.nanoTime();
  private final long startMicros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
  private final long[] nanos = new long[Phase.values().length];
  private final List<Span> spans = new ArrayList<>();

  private Phase phase = Phase.OTHER;
  private String what = "";
  private long since = startNanos;
  private boolean records;

  /**
   * A stay in one phase.
   *
   * @param what more about it, may be empty
   * @param startMicros microseconds since 1970
   */
  record Span(Phase phase, String what, long startMicros, long micros) {}

  /** The phase that another phase has interrupted. */
  public record Outer(Phase phase, String what) {}

  /** Enters a phase; returns what it interrupts, for {@link #back}. */
  public Outer enter(Phase next) {
    return enter(next, "");
  }

  /** As {@link #enter(Phase)}; {@code more} says what the phase is about. */
  public Outer enter(Phase next, String more) {
    Outer outer = new Outer(phase, what);
    switchTo(next, more);
    return outer;
  }

  /** Goes back to what a phase interrupted. */
  public void back(Outer outer) {
    switchTo(outer.phase(), outer.what());
  }

  private void switchTo(Phase next, String more) {
    long now = System.nanoTime();
    nanos[phase.ordinal()] += now - since;
    if (records && now - since >= TimeUnit.MICROSECONDS.toNanos(1)) {
      spans.add(new Span(phase, what, startMicros + TimeUnit.NANOSECONDS.toMicros(since - startNanos),
          TimeUnit.NANOSECONDS.toMicros(now - since)));
    }
    since = now;
    phase = next;
    what = more;
  }

  /** The times since the last call, by the phases' ordinals. */
  public long[] take() {
    switchTo(phase, what);
    long[] taken = nanos.clone();
    Arrays.fill(nanos, 0);
    return taken;
  }

  /** From now on keeps every stay in a phase, for a trace. */
  public void record() {
    records = true;
  }

  /** Ends recording; gives what was recorded. */
  List<Span> recorded() {
    switchTo(phase, what);
    records = false;
    List<Span> all = List.copyOf(spans);
    spans.clear();
    return all;
  }
}
