package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.Weight;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What is added to scaled scores {@code [sequences, heads, query_time, key_time]}: linear biases, relative positions, masks. */
final class ScoreBias {
  /** Added to the score of a key that a query may not see; its exponential is exactly 0 in every floating-point type. */
  private static final float HIDDEN = -1e9f;

  private final AttentionConfig config;
  /** {@code [buckets, heads]}; null for none. */
  private final Weight table;

  ScoreBias(AttentionConfig config, Weight table) {
    this.config = config;
    this.table = table;
  }

  /** Adds to scores; hides the keys that are not of a query's sequence. */
  void add(INDArray scores, ProjectedHeads heads) {
    if (config.positions() instanceof AttentionPositions.Alibi alibi) {
      addLinear(scores, alibi);
    } else if (config.positions() instanceof AttentionPositions.Relative relative) {
      int[] buckets = buckets(relative, scores, heads);
      INDArray rows = Nd4jOps.gather(table.value(), buckets, Nd4jOps.temporary(scores.dataType(), buckets.length, config.heads()));
      scores.addi(rows.reshape('c', scores.size(0), scores.size(2), scores.size(3), config.heads()).permute(0, 3, 1, 2).dup('c'));
    }
    addMask(scores, heads);
  }

  /** Adds the gradient of the table of relative positions, from that of the scores. */
  void addGradient(INDArray scoreGradient, ProjectedHeads heads) {
    if (config.positions() instanceof AttentionPositions.Relative relative) {
      int[] buckets = buckets(relative, scoreGradient, heads);
      INDArray rows = scoreGradient.permute(0, 2, 3, 1).dup('c').reshape('c', buckets.length, config.heads());
      Nd4jOps.scatterAdd(rows, buckets, table.gradient());
    }
  }

  private void addLinear(INDArray scores, AttentionPositions.Alibi alibi) {
    int keyTime = (int) scores.size(3);
    double[] slopes = AttentionPositions.Alibi.slopes(config.heads());
    double[] bias = new double[config.heads() * keyTime];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = alibi.factor() * slopes[i / keyTime] * (i % keyTime);
    }
    scores.addi(Nd4jOps.fromHost(bias, scores.dataType(), 1, config.heads(), 1, keyTime).broadcast(scores.shape()));
  }

  /** Of every query and key, the padding too: {@code [sequences, query_time, key_time]}. */
  private int[] buckets(AttentionPositions.Relative relative, INDArray scores, ProjectedHeads heads) {
    int queryTime = (int) scores.size(2);
    int keyTime = (int) scores.size(3);
    int[] buckets = new int[(int) scores.size(0) * queryTime * keyTime];
    int at = 0;
    for (int first : heads.firstPositions()) {
      for (int i = 0; i < queryTime; i++) {
        for (int j = 0; j < keyTime; j++) {
          buckets[at++] = relative.bucket(j - (first + i), config.masking());
        }
      }
    }
    return buckets;
  }

  private void addMask(INDArray scores, ProjectedHeads heads) {
    int queryTime = (int) scores.size(2);
    int keyTime = (int) scores.size(3);
    float[] mask = new float[(int) scores.size(0) * queryTime * keyTime];
    boolean hides = false;
    int at = 0;
    for (int s = 0; s < heads.firstPositions().length; s++) {
      int length = heads.keySegments().length(s);
      for (int i = 0; i < queryTime; i++) {
        int position = heads.firstPositions()[s] + i;
        int end = config.masking() == Masking.CAUSAL ? Math.min(position + 1, length) : length;
        int start = config.window() > 0 ? Math.max(0, position + 1 - config.window()) : 0;
        for (int j = 0; j < keyTime; j++) {
          boolean hidden = j < start || j >= end;
          mask[at++] = hidden ? HIDDEN : 0;
          hides |= hidden;
        }
      }
    }
    if (hides) {
      scores.addi(Nd4jOps.fromHost(mask, scores.dataType(), scores.size(0), 1, queryTime, keyTime).broadcast(scores.shape()));
    }
  }
}
