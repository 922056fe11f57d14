package io.sparkformer.jobs.evaluate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How predicted values agree with labels, as SciPy computes it.
 *
 * @param rows how many there are
 * @param pearson correlation; NaN where labels or predictions are all the same
 * @param spearman the correlation of their ranks, of equal values the mean of theirs
 * @param meanSquaredError of predictions
 */
public record ValueScores(long rows, double pearson, double spearman, double meanSquaredError) {

  static ValueScores of(double[] labels, double[] predictions) {
    double squares = 0;
    for (int i = 0; i < labels.length; i++) {
      squares += (labels[i] - predictions[i]) * (labels[i] - predictions[i]);
    }
    return new ValueScores(labels.length, correlation(labels, predictions), correlation(ranks(labels), ranks(predictions)),
        squares / labels.length);
  }

  private static double correlation(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElse(0);
    double meanY = Arrays.stream(y).average().orElse(0);
    double both = 0;
    double ofX = 0;
    double ofY = 0;
    for (int i = 0; i < x.length; i++) {
      both += (x[i] - meanX) * (y[i] - meanY);
      ofX += (x[i] - meanX) * (x[i] - meanX);
      ofY += (y[i] - meanY) * (y[i] - meanY);
    }
    return both / Math.sqrt(ofX * ofY);
  }

  private static double[] ranks(double[] values) {
    Integer[] order = IntStream.range(0, values.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length;) {
      int to = from + 1;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to + 1) / 2.0;
      }
      from = to;
    }
    return ranks;
  }
}
