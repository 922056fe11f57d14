package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.AttentionDropout;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Segments;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Scaled dot-product attention: Vaswani et al. 2017, section 3.2.1. Sequences are padded to the longest, so that a product is one
 * operation for all of them. Query heads that share a head of keys and values stand one below another in it, so that a group needs no
 * copies of its keys: scores are {@code [sequences * key_value_heads, group * query_time, key_time]}, which lies in memory like
 * {@code [sequences, heads, query_time, key_time]}.
 */
final class DotProductAttention {
  private final AttentionConfig config;
  private final ScoreBias bias;
  private final Dropout dropout;

  DotProductAttention(AttentionConfig config, ScoreBias bias, Dropout dropout) {
    this.config = config;
    this.bias = bias;
    this.dropout = dropout;
  }

  /** Writes the values, mixed by the attention weights, to {@code context [query tokens, heads * head_width]}. */
  void context(ProjectedHeads heads, INDArray context) {
    Padding queries = new Padding(heads.segments(), config.headWidth());
    Padding keys = new Padding(heads.keySegments(), config.headWidth());
    INDArray q = grouped(queries.toHeads(heads.q()));
    INDArray weights = weights(heads, q, keys.toHeads(heads.k()));
    INDArray mask = mask(heads, weights);
    if (mask != null) {
      weights.muli(mask);
    }
    queries.toRows(Nd4jOps.product(weights, keys.toHeads(heads.v()), like(q)), context);
  }

  /** Writes the gradients of queries, keys and values to those of {@code gradients}; adds the gradient of relative positions. */
  void backward(ProjectedHeads heads, INDArray contextGradient, ProjectedHeads gradients) {
    Padding queries = new Padding(heads.segments(), config.headWidth());
    Padding keys = new Padding(heads.keySegments(), config.headWidth());
    INDArray q = grouped(queries.toHeads(heads.q()));
    INDArray k = keys.toHeads(heads.k());
    INDArray v = keys.toHeads(heads.v());
    INDArray mixedGradient = grouped(queries.toHeads(contextGradient));
    INDArray weights = weights(heads, q, k);
    INDArray mask = mask(heads, weights);
    keys.toRows(Nd4jOps.productOfTransposed(mask == null ? weights : weights.mul(mask), mixedGradient, like(v)), gradients.v());
    INDArray scoreGradient = Nd4jOps.productWithTransposed(mixedGradient, v, like(weights), 1);
    if (mask != null) {
      scoreGradient.muli(mask);
    }
    // softmax: dS = P * (dP - sum_k dP * P)
    INDArray sums = scoreGradient.mul(weights).sum(true, 2);
    scoreGradient.subi(sums.broadcast(scoreGradient.shape())).muli(weights);
    bias.addGradient(byHead(scoreGradient, heads), heads);
    scoreGradient.muli(config.scale());
    queries.toRows(Nd4jOps.product(scoreGradient, k, like(q)), gradients.q());
    keys.toRows(Nd4jOps.productOfTransposed(scoreGradient, q, like(k)), gradients.k());
  }

  /** The attention weights of one sequence, before dropout: {@code [heads, query_time, key_time]}. */
  float[][][] weights(ProjectedHeads heads) {
    INDArray q = grouped(new Padding(heads.segments(), config.headWidth()).toHeads(heads.q()));
    INDArray k = new Padding(heads.keySegments(), config.headWidth()).toHeads(heads.k());
    INDArray weights = byHead(weights(heads, q, k), heads).castTo(DataType.FLOAT);
    float[][][] byHead = new float[config.heads()][][];
    for (int head = 0; head < byHead.length; head++) {
      byHead[head] = weights.get(NDArrayIndex.point(0), NDArrayIndex.point(head)).toFloatMatrix();
    }
    return byHead;
  }

  /** Softmax of the scores. */
  private INDArray weights(ProjectedHeads heads, INDArray q, INDArray k) {
    INDArray scores = Nd4jOps.temporary(q.dataType(), q.size(0), q.size(1), k.size(1));
    Nd4jOps.productWithTransposed(q, k, scores, config.scale());
    bias.add(byHead(scores, heads), heads);
    return Nd4jOps.softmaxInPlace(scores);
  }

  /** Dropout of the attention weights, shaped like them; null for none. {@link AttentionDropout} numbers the elements of a query. */
  private INDArray mask(ProjectedHeads heads, INDArray weights) {
    if (!dropout.applies(heads.pass())) {
      return null;
    }
    Segments segments = heads.segments();
    int queryTime = segments.longest();
    int keyTime = heads.keySegments().longest();
    float[] mask = new float[(int) weights.length()];
    for (int s = 0; s < segments.sentences(); s++) {
      for (int i = 0; i < segments.length(s); i++) {
        int key = dropout.rowKey(heads.pass().step(), (long) segments.firstToken() + segments.start(s) + i);
        for (int h = 0; h < config.heads(); h++) {
          int row = ((s * config.heads() + h) * queryTime + i) * keyTime;
          for (int j = 0; j < keyTime; j++) {
            mask[row + j] = Dropout.keeps(key, AttentionDropout.element(h, j), dropout.threshold()) ? dropout.scale() : 0f;
          }
        }
      }
    }
    return Nd4jOps.fromHost(mask, weights.dataType(), weights.shape());
  }

  private INDArray byHead(INDArray scores, ProjectedHeads heads) {
    return scores.reshape('c', heads.segments().sentences(), config.heads(), heads.segments().longest(), heads.keySegments().longest());
  }

  /** {@code [sequences * heads, time, head_width]} to {@code [sequences * key_value_heads, group * time, head_width]}. */
  private INDArray grouped(INDArray byHead) {
    return byHead.reshape('c', byHead.size(0) / config.group(), byHead.size(1) * config.group(), config.headWidth());
  }

  private static INDArray like(INDArray array) {
    return Nd4jOps.temporary(array.dataType(), array.shape());
  }
}
