package io.sparkformer.model.decode;

import java.util.Arrays;

/** Draws tokens from logits as {@link SamplingOptions} say. Keeps its arrays from draw to draw; used by one thread at a time. */
final class TokenSampler {

  private final SamplingOptions options;
  /** Of each token, what its probability is proportional to; 0 for tokens that are left out. */
  private final double[] weights;
  /** The k largest logits so far, a heap with the smallest at its root. */
  private final float[] largest;
  /** Tokens by falling weight: its bits, complemented, above the token's id. */
  private final long[] order;

  TokenSampler(SamplingOptions options, int vocabulary) {
    this.options = options;
    this.weights = new double[options.isGreedy() ? 0 : vocabulary];
    this.largest = new float[options.topK() < vocabulary ? options.topK() : 0];
    this.order = new long[options.topP() < 1 ? vocabulary : 0];
  }

  /**
   * Draws a token.
   *
   * @param logits [vocabulary], negative infinity for tokens that must not be drawn
   * @param uniform a random number, from 0 to below 1
   * @throws IllegalStateException when the logits are not numbers, or all are negative infinity
   */
  int draw(float[] logits, int vocabulary, double uniform) {
    int best = best(logits, vocabulary);
    if (options.isGreedy()) {
      return best;
    }
    weigh(logits, vocabulary, best);
    if (options.topP() < 1) {
      leaveNucleus(vocabulary);
    }
    return drawn(vocabulary, uniform, best);
  }

  /** The most probable token; of equal ones the first. */
  private static int best(float[] logits, int vocabulary) {
    int best = -1;
    for (int token = 0; token < vocabulary; token++) {
      if (Float.isNaN(logits[token])) {
        throw new IllegalStateException("The network's scores are not numbers; the model's parameters are damaged");
      }
      if (logits[token] > (best < 0 ? Float.NEGATIVE_INFINITY : logits[best])) {
        best = token;
      }
    }
    if (best < 0) {
      throw new IllegalStateException("The network leaves no token possible; the model's parameters are damaged");
    }
    return best;
  }

  /** Weights of all tokens, the best one's being 1, without those that are not among the k best. */
  private void weigh(float[] logits, int vocabulary, int best) {
    float least = largest.length > 0 ? kthLargest(logits, vocabulary) : Float.NEGATIVE_INFINITY;
    for (int token = 0; token < vocabulary; token++) {
      weights[token] = logits[token] < least ? 0 : Math.exp(((double) logits[token] - logits[best]) / options.temperature());
    }
  }

  private float kthLargest(float[] logits, int vocabulary) {
    Arrays.fill(largest, Float.NEGATIVE_INFINITY);
    for (int token = 0; token < vocabulary; token++) {
      if (logits[token] > largest[0]) {
        sink(logits[token]);
      }
    }
    return largest[0];
  }

  /** Puts a value in the place of the heap's smallest. */
  private void sink(float value) {
    int place = 0;
    for (int child = 1; child < largest.length; child = 2 * place + 1) {
      int smaller = child + 1 < largest.length && largest[child + 1] < largest[child] ? child + 1 : child;
      if (largest[smaller] >= value) {
        break;
      }
      largest[place] = largest[smaller];
      place = smaller;
    }
    largest[place] = value;
  }

  /** Leaves out what does not belong to the most probable tokens that have probability {@code topP} together. */
  private void leaveNucleus(int vocabulary) {
    double sum = 0;
    for (int token = 0; token < vocabulary; token++) {
      sum += weights[token];
    }
    // Tokens below this have less than 1 - topP together, so none of them is needed: most need not be sorted.
    double negligible = (1 - options.topP()) * sum / vocabulary;
    int count = 0;
    for (int token = 0; token < vocabulary; token++) {
      if (weights[token] >= negligible && weights[token] > 0) {
        order[count++] = (long) (Integer.MAX_VALUE - Float.floatToIntBits((float) weights[token])) << Integer.SIZE | token;
      } else {
        weights[token] = 0;
      }
    }
    Arrays.sort(order, 0, count);
    double before = 0;
    for (int rank = 0; rank < count; rank++) {
      int token = (int) order[rank];
      double weight = weights[token];
      if (before >= options.topP() * sum) {
        weights[token] = 0;
      }
      before += weight;
    }
  }

  /** The token at a share of the weights that are left, counted in the order of ids. */
  private int drawn(int vocabulary, double uniform, int best) {
    double sum = 0;
    for (int token = 0; token < vocabulary; token++) {
      if (weights[token] < options.minP()) {
        weights[token] = 0;
      }
      sum += weights[token];
    }
    double rest = uniform * sum;
    for (int token = 0; token < vocabulary; token++) {
      rest -= weights[token];
      if (rest < 0) {
        return token;
      }
    }
    return best;
  }
}
