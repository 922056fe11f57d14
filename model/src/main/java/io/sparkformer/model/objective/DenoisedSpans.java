package io.sparkformer.model.objective;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Missing spans of a text from the rest of it (Raffel et al. 2020, section 3.1.4, figure 2; densities and lengths of spans in sections
 * 3.3.3 and 3.3.4): what T5 learns from text. In the source a sentinel of its own stands for every missing span; the target is the
 * sentinels in their order, each with its span behind it, and one more sentinel. {@link SequenceToSequence} makes micro-batches of them.
 *
 * <p>As in the authors' program, which spans are missing is random, but how many tokens and spans are follows from the length of the text,
 * so that sources and targets of texts of one length have one length too. A text begins with a token that stays and ends with a missing
 * span.
 *
 * @param density share of the tokens that are missing; 0.15 in the paper
 * @param meanSpan mean length of a span, in tokens; 3 in the paper
 * @param firstSentinel id of the first sentinel; that of the second is one less, and so on: T5's {@code <extra_id_0>}, the last id
 * @param sentinels how many there are; 100 in the paper
 */
public record DenoisedSpans(double density, double meanSpan, int firstSentinel, int sentinels) implements Serializable {
  public DenoisedSpans {
    if (!(density > 0 && density < 1)) {
      throw new IllegalArgumentException("Invalid density of missing tokens: %s (must be above 0 and below 1)".formatted(density));
    }
    if (!(meanSpan >= 1)) {
      throw new IllegalArgumentException("Invalid mean length of spans: %s tokens (must be >= 1)".formatted(meanSpan));
    }
    if (sentinels < 2 || firstSentinel < sentinels - 1) {
      throw new IllegalArgumentException("Invalid sentinels: %d from id %d downwards (must be >= 2, and their ids >= 0)"
          .formatted(sentinels, firstSentinel));
    }
  }

  /** With the paper's density and length. */
  public DenoisedSpans(int firstSentinel, int sentinels) {
    this(0.15, 3, firstSentinel, sentinels);
  }

  /** Missing tokens of a text: at least one, and not all. */
  public int missing(int length) {
    return Math.min(Math.max((int) Math.round(length * density), 1), length - 1);
  }

  /** Missing spans of a text. */
  public int spans(int length) {
    int missing = missing(length);
    int wanted = Math.max((int) Math.round(missing / meanSpan), 1);
    return Math.min(wanted, Math.min(missing, length - missing));
  }

  /**
   * The source and the target, without end tokens: a function of the arguments alone.
   *
   * @param tokens at least two
   * @param seed of the run
   * @param step number of the update
   * @param place of the text in the global batch
   */
  public SourceAndTarget corrupt(int[] tokens, long seed, long step, long place) {
    if (tokens.length < 2) {
      throw new IllegalArgumentException("A text of %d tokens is too short to leave out a span (at least 2 are needed)"
          .formatted(tokens.length));
    }
    int missing = missing(tokens.length);
    int spans = spans(tokens.length);
    if (spans + 1 > sentinels) {
      throw new IllegalArgumentException("A text of %d tokens needs %d sentinels, the vocabulary has %d; cut shorter texts"
          .formatted(tokens.length, spans + 1, sentinels));
    }
    SplittableRandom random = Draws.of(seed, step, place);
    int[] ofMissing = parts(missing, spans, random);
    int[] ofKept = parts(tokens.length - missing, spans, random);
    int[] source = new int[tokens.length - missing + spans];
    int[] target = new int[missing + spans + 1];
    int from = 0;
    int inSource = 0;
    int inTarget = 0;
    for (int span = 0; span < spans; span++) {
      System.arraycopy(tokens, from, source, inSource, ofKept[span]);
      inSource += ofKept[span];
      source[inSource++] = firstSentinel - span;
      target[inTarget++] = firstSentinel - span;
      System.arraycopy(tokens, from + ofKept[span], target, inTarget, ofMissing[span]);
      inTarget += ofMissing[span];
      from += ofKept[span] + ofMissing[span];
    }
    target[inTarget] = firstSentinel - spans;
    return new SourceAndTarget(source, target);
  }

  /** A number as a sum of positive parts, all such sums being equally probable. */
  private static int[] parts(int sum, int count, SplittableRandom random) {
    List<Integer> ends = new ArrayList<>(count);
    // Selection sampling (Knuth, volume 2, algorithm S) of count - 1 of the sum - 1 places between two units.
    for (int place = 1, needed = count - 1; needed > 0; place++) {
      if (random.nextInt(sum - place) < needed) {
        ends.add(place);
        needed--;
      }
    }
    ends.add(sum);
    int[] parts = new int[count];
    for (int i = 0; i < count; i++) {
      parts[i] = ends.get(i) - (i == 0 ? 0 : ends.get(i - 1));
    }
    return parts;
  }
}
