package io.sparkformer.jobs.transport;

import io.sparkformer.model.memory.FlatRange;
import java.util.Map;
import java.util.TreeMap;

/** Which elements of one slice have arrived from one worker: for one step at a time, every element once. */
final class Arrivals {
  private static final long NO_STEP = Long.MIN_VALUE;

  private final FlatRange slice;
  private final Ranges claimed = new Ranges();
  private final Ranges arrived = new Ranges();
  private long step = NO_STEP;
  private long releasedStep = NO_STEP;

  Arrivals(FlatRange slice) {
    this.slice = slice;
  }

  /**
   * Reserves the range of a piece that begins to arrive.
   *
   * @throws MalformedFrameException when the piece lies outside of the slice, arrived before, or is not of the step that is due
   */
  synchronized void claim(long step, FlatRange piece) {
    if (piece.isEmpty() || piece.from() < slice.from() || piece.to() > slice.to()) {
      throw new MalformedFrameException("elements " + piece + " are not within " + slice);
    }
    if (step < this.step || step <= releasedStep) {
      throw new MalformedFrameException("step " + step + " is over");
    }
    if (step > this.step) {
      if (this.step != releasedStep) {
        throw new MalformedFrameException("step " + step + " comes while step " + this.step + " is under way");
      }
      this.step = step;
      claimed.clear();
      arrived.clear();
    }
    if (claimed.overlaps(piece)) {
      throw new MalformedFrameException("elements " + piece + " of step " + step + " arrived before");
    }
    claimed.add(piece);
  }

  synchronized void complete(FlatRange piece) {
    arrived.add(piece);
  }

  /** Whether all of a range has arrived for a step, or had arrived and was released. */
  synchronized boolean has(long step, FlatRange range) {
    return range.isEmpty() || step <= releasedStep || step == this.step && arrived.covers(range);
  }

  /** The memory of a step is free for the next one. */
  synchronized void release(long step) {
    releasedStep = step;
    this.step = step;
  }

  /** Disjoint ranges, merged where they touch. */
  private static final class Ranges {
    private final TreeMap<Long, Long> endOf = new TreeMap<>();

    void clear() {
      endOf.clear();
    }

    boolean overlaps(FlatRange range) {
      Map.Entry<Long, Long> before = endOf.lowerEntry(range.to());
      return before != null && before.getValue() > range.from();
    }

    boolean covers(FlatRange range) {
      Map.Entry<Long, Long> before = endOf.floorEntry(range.from());
      return before != null && before.getValue() >= range.to();
    }

    void add(FlatRange range) {
      long from = range.from();
      long to = range.to();
      Map.Entry<Long, Long> before = endOf.floorEntry(from);
      if (before != null && before.getValue() == from) {
        from = before.getKey();
      }
      Long after = endOf.remove(to);
      endOf.put(from, after == null ? to : after);
    }
  }
}
