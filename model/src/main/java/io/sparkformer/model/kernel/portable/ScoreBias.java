package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.Weight;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What is added to the scaled scores {@code [heads, query_time, key_time]} of one sequence: masks, linear biases, relative positions. */
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

  /** Adds to the scores of queries at the positions {@code firstQuery, firstQuery + 1, ...} and keys at {@code 0, 1, ...}. */
  void add(INDArray scores, int firstQuery) {
    if (config.positions() instanceof AttentionPositions.Alibi alibi) {
      addLinear(scores, alibi);
    } else if (config.positions() instanceof AttentionPositions.Relative relative) {
      int[] buckets = buckets(relative, scores, firstQuery);
      INDArray rows = Nd4jOps.gather(table.value(), buckets, Nd4jOps.temporary(scores.dataType(), buckets.length, config.heads()));
      scores.addi(rows.permute(1, 0).dup('c').reshape(scores.shape()));
    }
    if (config.masking() == Masking.CAUSAL) {
      addMask(scores, firstQuery);
    }
  }

  /** Adds the gradient of the table of relative positions, from that of the scores. */
  void addGradient(INDArray scoreGradient, int firstQuery) {
    if (config.positions() instanceof AttentionPositions.Relative relative) {
      int[] buckets = buckets(relative, scoreGradient, firstQuery);
      INDArray rows = scoreGradient.reshape(config.heads(), buckets.length).permute(1, 0).dup('c');
      Nd4jOps.scatterAdd(rows, buckets, table.gradient());
    }
  }

  private void addLinear(INDArray scores, AttentionPositions.Alibi alibi) {
    int keys = (int) scores.size(2);
    double[] slopes = AttentionPositions.Alibi.slopes(config.heads());
    double[] bias = new double[config.heads() * keys];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = alibi.factor() * slopes[i / keys] * (i % keys);
    }
    scores.addi(Nd4jOps.fromHost(bias, scores.dataType(), config.heads(), 1, keys).broadcast(scores.shape()));
  }

  private int[] buckets(AttentionPositions.Relative relative, INDArray scores, int firstQuery) {
    int keys = (int) scores.size(2);
    int[] buckets = new int[(int) scores.size(1) * keys];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = relative.bucket(i % keys - (firstQuery + i / keys), config.masking());
    }
    return buckets;
  }

  private void addMask(INDArray scores, int firstQuery) {
    int keys = (int) scores.size(2);
    float[] mask = new float[(int) scores.size(1) * keys];
    boolean hides = false;
    for (int i = 0; i < mask.length; i++) {
      int ahead = i % keys - (firstQuery + i / keys);
      boolean hidden = ahead > 0 || config.window() > 0 && -ahead >= config.window();
      mask[i] = hidden ? HIDDEN : 0;
      hides |= hidden;
    }
    if (hides) {
      scores.addi(Nd4jOps.fromHost(mask, scores.dataType(), 1, scores.size(1), keys).broadcast(scores.shape()));
    }
  }
}
