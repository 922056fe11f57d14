package io.sparkformer.model.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** How attention sees where queries and keys stand in their sequence. Positions count from 0 at a sequence's first token. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "positions")
@JsonSubTypes({
    @JsonSubTypes.Type(value = AttentionPositions.None.class, name = "none"),
    @JsonSubTypes.Type(value = AttentionPositions.Rotary.class, name = "rotary"),
    @JsonSubTypes.Type(value = AttentionPositions.Alibi.class, name = "alibi"),
    @JsonSubTypes.Type(value = AttentionPositions.Relative.class, name = "relative")})
public sealed interface AttentionPositions {
  AttentionPositions NONE = new None();

  /** Not at all. */
  record None() implements AttentionPositions {}

  /**
   * Rotary positions (Su et al. 2021) in the layout of LLaMA and GPT-NeoX: of the first {@code width} elements of every query and key
   * head, element {@code i < width / 2} and element {@code i + width / 2} are turned by the angle
   * {@code position / scaling * theta^(-2i / width)}; later elements stay as they are.
   *
   * @param width elements of a head that are turned; even, at most the head's width
   * @param theta base of the angles
   * @param scaling positions are divided by it ("linear" scaling); 1 for none
   */
  record Rotary(int width, double theta, double scaling) implements AttentionPositions {
    public Rotary {
      if (width <= 0 || width % 2 != 0) {
        throw new IllegalArgumentException("Invalid width of rotary positions: %d (must be even and > 0)".formatted(width));
      }
      if (!(theta > 0) || !(scaling > 0)) {
        throw new IllegalArgumentException("Invalid rotary positions: theta=%s, scaling=%s (both must be > 0)".formatted(theta, scaling));
      }
    }
  }

  /**
   * Attention with linear biases (Press et al. 2022): {@code factor * slope(head) * key position} is added to a score that is scaled
   * already. With n heads, n a power of two, {@code slope(h) = 2^(-8 (h + 1) / n)}; otherwise the slopes of the next lower power of two,
   * then every other one of those of the next higher, from the first on.
   *
   * @param factor 1 in the paper; Falcon adds the bias before it scales the scores, so its factor is the attention's scale
   */
  record Alibi(double factor) implements AttentionPositions {
    /** The slopes of {@code heads} heads. */
    public static double[] slopes(int heads) {
      double[] slopes = new double[heads];
      int lower = Integer.highestOneBit(heads);
      for (int h = 0; h < heads; h++) {
        slopes[h] = h < lower ? Math.pow(2, -8.0 * (h + 1) / lower) : Math.pow(2, -4.0 * (2 * (h - lower) + 1) / lower);
      }
      return slopes;
    }
  }

  /**
   * Relative positions of T5 (Raffel et al. 2020, section 2.1): a learned number for each head and each bucket of the distance
   * {@code key position - query position} is added to the scaled score. With {@link Masking#CAUSAL} all buckets are for keys at or before
   * the query; otherwise the second half is for keys behind it. Of the buckets of a direction, the first half holds one distance each,
   * the others grow logarithmically up to {@code maxDistance}; the last one takes all that is farther.
   *
   * @param buckets rows of the table {@code [buckets, heads]}
   * @param maxDistance distance from which on everything is in the last bucket
   */
  record Relative(int buckets, int maxDistance) implements AttentionPositions {
    public Relative {
      if (buckets < 4 || buckets % 2 != 0 || maxDistance <= buckets / 2) {
        throw new IllegalArgumentException("Invalid relative positions: buckets=%d (must be even and >= 4), max-distance=%d (must be > %d)"
            .formatted(buckets, maxDistance, buckets / 2));
      }
    }

    /** The bucket of {@code distance = key position - query position}. */
    public int bucket(int distance, Masking masking) {
      int ofDirection = masking == Masking.CAUSAL ? buckets : buckets / 2;
      int first = masking != Masking.CAUSAL && distance > 0 ? ofDirection : 0;
      int far = masking == Masking.CAUSAL ? Math.max(0, -distance) : Math.abs(distance);
      int exact = ofDirection / 2;
      if (far < exact) {
        return first + far;
      }
      // In float32, as the reference has it, so that a distance at the edge of a bucket falls on the same side.
      float logarithm = (float) Math.log((float) far / exact) / (float) Math.log((double) maxDistance / exact) * (ofDirection - exact);
      return first + Math.min(ofDirection - 1, exact + (int) logarithm);
    }
  }
}
