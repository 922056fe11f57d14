package io.sparkformer.model.kernel;

/**
 * The squared differences of one score for each sequence and the value that it should be: regression.
 *
 * @param values {@code [sequences]}; not a number where there is no label
 */
public record SquaredError(float... values) implements ScoreLoss {
  /** @throws IllegalArgumentException when there is not one score for each value */
  @Override
  public Loss toGradients(double[] scores) {
    if (scores.length != values.length) {
      throw new IllegalArgumentException("There must be a value for each sequence: sequences=%d, values=%d"
          .formatted(scores.length, values.length));
    }
    double sum = 0;
    int counted = 0;
    for (int i = 0; i < scores.length; i++) {
      boolean counts = !Float.isNaN(values[i]);
      double difference = counts ? scores[i] - values[i] : 0;
      sum += difference * difference;
      counted += counts ? 1 : 0;
      scores[i] = 2 * difference;
    }
    return new Loss(sum, sum, counted, 0);
  }
}
