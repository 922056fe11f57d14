package io.sparkformer.jobs.tensorboard;

import java.util.Arrays;
import org.tensorflow.framework.HistogramProto;

/**
 * How the values of a tensor are distributed, in memory that does not depend on their number. The intervals are TensorFlow's
 * (tensorflow/core/lib/histogram): their limits grow by a factor of 1.1 from 1e-12 on, on both sides of zero.
 */
public final class TensorHistogram {
  private static final double[] LIMITS = limits();

  private final long[] counts = new long[LIMITS.length];
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private long count;
  private double sum;
  private double sumOfSquares;

  /** Counts the first {@code length} values; those that are not finite are left out. */
  public void add(float[] values, int length) {
    for (int i = 0; i < length; i++) {
      double value = values[i];
      if (Double.isFinite(value)) {
        counts[interval(value)]++;
        count++;
        sum += value;
        sumOfSquares += value * value;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
  }

  /** The interval whose limit is the first above the value. */
  private static int interval(double value) {
    int found = Arrays.binarySearch(LIMITS, value);
    return found >= 0 ? found + 1 : -found - 1;
  }

  HistogramProto toProto() {
    HistogramProto.Builder proto = HistogramProto.newBuilder().setMin(count == 0 ? 0 : min).setMax(count == 0 ? 0 : max).setNum(count)
        .setSum(sum).setSumSquares(sumOfSquares);
    for (int i = 0; i < LIMITS.length; i++) {
      // Of neighbours that are empty only the last is needed, as the lower limit of the next.
      if (counts[i] > 0 || i + 1 < LIMITS.length && counts[i + 1] > 0) {
        proto.addBucketLimit(LIMITS[i]).addBucket(counts[i]);
      }
    }
    if (count == 0) {
      proto.addBucketLimit(Double.MAX_VALUE).addBucket(0);
    }
    return proto.build();
  }

  private static double[] limits() {
    double[] positive = new double[1024];
    int size = 0;
    for (double limit = 1e-12; limit < 1e20; limit *= 1.1) {
      positive[size++] = limit;
    }
    // Beyond that there is one interval on each side: no float32 is above its limit.
    positive[size++] = Double.MAX_VALUE;
    double[] limits = new double[2 * size + 1];
    for (int i = 0; i < size; i++) {
      limits[size + 1 + i] = positive[i];
      limits[size - 1 - i] = -positive[i];
    }
    return limits;
  }
}
