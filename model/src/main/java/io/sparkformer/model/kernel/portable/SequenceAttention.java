package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.AttentionDropout;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Pass;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scaled dot-product attention of the queries of one sequence: Vaswani et al. 2017, section 3.2.1. Query heads that share a head of keys
 * and values stand one below another in its products, so that a group needs no copies of its keys: scores are
 * {@code [key_value_heads, group * query_time, key_time]}, in the same order as {@code [heads, query_time, key_time]}.
 */
final class SequenceAttention {
  private final AttentionConfig config;
  private final ScoreBias bias;
  private final Dropout dropout;

  SequenceAttention(AttentionConfig config, ScoreBias bias, Dropout dropout) {
    this.config = config;
    this.bias = bias;
    this.dropout = dropout;
  }

  /**
   * Projected rows of one sequence.
   *
   * @param q {@code [query_time, heads * head_width]}
   * @param k {@code [key_time, key_value_heads * head_width]}
   * @param v as {@code k}
   * @param firstPosition of the first query
   * @param firstToken place of the first query in the global batch
   */
  record Sequence(INDArray q, INDArray k, INDArray v, int firstPosition, Pass pass, long firstToken) {}

  /** Shapes as in {@link Sequence}. */
  record Gradients(INDArray q, INDArray k, INDArray v) {}

  /** The values, mixed by the attention weights: {@code [query_time, heads * head_width]}. */
  INDArray context(Sequence of) {
    INDArray q = grouped(of.q);
    INDArray weights = weights(of, q, split(of.k));
    INDArray mask = mask(of);
    if (mask != null) {
      weights.muli(mask);
    }
    return joined(Nd4jOps.product(weights, split(of.v), Nd4jOps.temporary(q.dataType(), q.shape())), of.q);
  }

  /** Adds the gradient of relative positions. */
  Gradients gradients(Sequence of, INDArray contextGradient) {
    INDArray q = grouped(of.q);
    INDArray k = split(of.k);
    INDArray v = split(of.v);
    INDArray mixedGradient = grouped(contextGradient);
    INDArray weights = weights(of, q, k);
    INDArray mask = mask(of);
    INDArray vGradient = Nd4jOps.productOfTransposed(mask == null ? weights : weights.mul(mask), mixedGradient, like(v));
    INDArray scoreGradient = Nd4jOps.productWithTransposed(mixedGradient, v, like(weights), 1);
    if (mask != null) {
      scoreGradient.muli(mask);
    }
    // softmax: dS = P * (dP - sum_k dP * P)
    INDArray sums = scoreGradient.mul(weights).sum(true, 2);
    scoreGradient.subi(sums.broadcast(scoreGradient.shape())).muli(weights);
    bias.addGradient(byHead(scoreGradient, of), of.firstPosition);
    scoreGradient.muli(config.scale());
    INDArray qGradient = Nd4jOps.product(scoreGradient, k, like(q));
    INDArray kGradient = Nd4jOps.productOfTransposed(scoreGradient, q, like(k));
    return new Gradients(joined(qGradient, of.q), joined(kGradient, of.k), joined(vGradient, of.v));
  }

  /** Softmax of the scores: {@code [key_value_heads, group * query_time, key_time]}. */
  private INDArray weights(Sequence of, INDArray q, INDArray k) {
    INDArray scores = Nd4jOps.temporary(q.dataType(), q.size(0), q.size(1), k.size(1));
    Nd4jOps.productWithTransposed(q, k, scores, config.scale());
    bias.add(byHead(scores, of), of.firstPosition);
    return Nd4jOps.softmaxInPlace(scores);
  }

  /** Dropout of the attention weights, shaped like them; null for none. {@link AttentionDropout} numbers the elements of a query. */
  private INDArray mask(Sequence of) {
    if (!dropout.applies(of.pass)) {
      return null;
    }
    int queries = (int) of.q.size(0);
    int keys = (int) of.k.size(0);
    float[] mask = new float[config.heads() * queries * keys];
    for (int i = 0; i < queries; i++) {
      int rowKey = dropout.rowKey(of.pass.step(), of.firstToken + i);
      for (int h = 0; h < config.heads(); h++) {
        for (int j = 0; j < keys; j++) {
          boolean kept = Dropout.keeps(rowKey, AttentionDropout.element(h, j), dropout.threshold());
          mask[(h * queries + i) * keys + j] = kept ? dropout.scale() : 0f;
        }
      }
    }
    return Nd4jOps.fromHost(mask, of.q.dataType(), config.keyValueHeads(), (long) config.group() * queries, keys);
  }

  private INDArray byHead(INDArray scores, Sequence of) {
    return scores.reshape('c', config.heads(), of.q.size(0), of.k.size(0));
  }

  /** {@code [query_time, heads * head_width]} to {@code [key_value_heads, group * query_time, head_width]}. */
  private INDArray grouped(INDArray rows) {
    return split(rows).reshape('c', config.keyValueHeads(), config.group() * rows.size(0), config.headWidth());
  }

  /** {@code [time, heads * head_width]} to {@code [heads, time, head_width]}. */
  private INDArray split(INDArray rows) {
    return rows.reshape('c', rows.size(0), rows.size(1) / config.headWidth(), config.headWidth()).permute(1, 0, 2).dup('c');
  }

  /** The inverse of {@link #grouped} and {@link #split}; {@code like} has the shape of the result. */
  private INDArray joined(INDArray byHead, INDArray like) {
    return byHead.reshape('c', like.size(1) / config.headWidth(), like.size(0), config.headWidth()).permute(1, 0, 2).dup('c')
        .reshape('c', like.shape());
  }

  private static INDArray like(INDArray array) {
    return Nd4jOps.temporary(array.dataType(), array.shape());
  }
}
