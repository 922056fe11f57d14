package io.sparkformer.model.optimizer;

import io.sparkformer.model.memory.FlatRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2, AdamW): every update first takes {@code learning rate * rate} of a
 * parameter away, whatever its gradient.
 *
 * @param rate lambda, at least 0
 * @param ranges of the flat parameters that decay; disjoint, kept in order
 */
public record WeightDecay(double rate, List<FlatRange> ranges) {
  /** Nothing decays. */
  public static final WeightDecay NONE = new WeightDecay(0, List.of());

  /** A part of a range, all of which decays or none. */
  interface Part {
    void run(long from, long to, boolean decays);
  }

  public WeightDecay {
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("Invalid optimizer weight-decay: " + rate + " (must be >= 0)");
    }
    List<FlatRange> sorted = new ArrayList<>(rate == 0 ? List.of() : ranges);
    sorted.sort(Comparator.comparingLong(FlatRange::from));
    ranges = List.copyOf(sorted);
  }

  /** Cuts {@code [from, to)} of the flat parameters where decaying ones begin and end. */
  void divide(long from, long to, Part part) {
    long at = from;
    for (int i = firstThatEndsAfter(from); i < ranges.size() && ranges.get(i).from() < to; i++) {
      long begin = Math.max(at, ranges.get(i).from());
      long end = Math.min(to, ranges.get(i).to());
      if (at < begin) {
        part.run(at, begin, false);
      }
      part.run(begin, end, true);
      at = end;
    }
    if (at < to) {
      part.run(at, to, false);
    }
  }

  private int firstThatEndsAfter(long place) {
    int low = 0;
    int high = ranges.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ranges.get(middle).to() > place) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
