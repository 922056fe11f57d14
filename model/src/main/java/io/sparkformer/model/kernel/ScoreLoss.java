package io.sparkformer.model.kernel;

/** A loss of all scores of a micro-batch. */
@FunctionalInterface
public interface ScoreLoss {
  /**
   * Replaces the scores by the gradients of the summed loss; returns the loss.
   *
   * @param scores {@code [rows, scores of a row]}, row by row
   */
  Loss toGradients(double[] scores);
}
