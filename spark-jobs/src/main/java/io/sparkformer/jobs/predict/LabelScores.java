package io.sparkformer.jobs.predict;

/**
 * What a classifier says of a text.
 *
 * @param label number of the most probable class; of a value 0
 * @param value of regression; NaN for classes
 * @param probabilities of all classes, by their numbers; empty for a value
 * @param cutOff tokens at the end of the text that were left out
 */
record LabelScores(int label, double value, float[] probabilities, int cutOff) {

  /** Of a text without a token of its own. */
  static final LabelScores NONE = new LabelScores(-1, Double.NaN, new float[0], 0);

  boolean isNone() {
    return label < 0;
  }

  /**
   * @param logits of the classes, or one value
   * @param isValue whether there is one value
   */
  static LabelScores of(float[] logits, boolean isValue, int cutOff) {
    return isValue ? new LabelScores(0, logits[0], new float[0], cutOff)
        : new LabelScores(largest(logits), Double.NaN, softmax(logits), cutOff);
  }

  private static int largest(float[] logits) {
    int largest = 0;
    for (int i = 1; i < logits.length; i++) {
      largest = logits[i] > logits[largest] ? i : largest;
    }
    return largest;
  }

  private static float[] softmax(float[] logits) {
    float max = logits[largest(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    float[] probabilities = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      probabilities[i] = (float) (Math.exp(logits[i] - max) / sum);
    }
    return probabilities;
  }
}
