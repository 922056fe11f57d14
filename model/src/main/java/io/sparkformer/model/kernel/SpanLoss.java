package io.sparkformer.model.kernel;

/**
 * The loss of extractive question answering (Devlin et al. 2019, section 4.2): two scores for each token, and for each sequence the mean of
 * the cross-entropies of its first and its last token, each over the tokens of the sequence.
 *
 * @param segments of the sequences
 * @param places {@code [sequences][2]} of the first and the last token of each sequence's answer
 */
public record SpanLoss(Segments segments, int[][] places) implements ScoreLoss {
  private static final int ENDS = 2;

  /** @throws IllegalArgumentException when there is not one span for each sequence, or a span lies outside its sequence */
  public SpanLoss {
    if (places.length != segments.sentences()) {
      throw new IllegalArgumentException("There must be a span for each sequence: sequences=%d, spans=%d"
          .formatted(segments.sentences(), places.length));
    }
    for (int s = 0; s < places.length; s++) {
      for (int end = 0; end < ENDS; end++) {
        if (places[s][end] < 0 || places[s][end] >= segments.length(s)) {
          throw new IllegalArgumentException("The answer of sequence %d has its %s token at place %d, but the sequence has %d tokens"
              .formatted(s, end == 0 ? "first" : "last", places[s][end], segments.length(s)));
        }
      }
    }
  }

  @Override
  public Loss toGradients(double[] scores) {
    if (scores.length != ENDS * segments.tokens()) {
      throw new IllegalArgumentException("A span has 2 scores a token, found %d for %d tokens".formatted(scores.length, segments.tokens()));
    }
    double loss = 0;
    for (int s = 0; s < segments.sentences(); s++) {
      for (int end = 0; end < ENDS; end++) {
        loss += crossEntropy(scores, segments.start(s) * ENDS + end, segments.length(s), places[s][end]);
      }
    }
    return new Loss(loss, loss, segments.sentences(), 0);
  }

  /** Half a cross-entropy over the scores at {@code from, from + 2, ...}; replaces them by its gradients. */
  private static double crossEntropy(double[] scores, int from, int count, int label) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, scores[from + i * ENDS]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(scores[from + i * ENDS] - max);
    }
    double logNormalizer = max + Math.log(sum);
    double loss = (logNormalizer - scores[from + label * ENDS]) / ENDS;
    for (int i = 0; i < count; i++) {
      int at = from + i * ENDS;
      scores[at] = (Math.exp(scores[at] - logNormalizer) - (i == label ? 1 : 0)) / ENDS;
    }
    return loss;
  }
}
