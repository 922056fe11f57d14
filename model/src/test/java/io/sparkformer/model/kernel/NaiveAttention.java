package io.sparkformer.model.kernel;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Masking;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention as its definitions have it: one query, one head, one key after another, in plain Java's doubles. */
final class NaiveAttention {
  private final AttentionWeights weights;
  private final double[][] input;
  private final double[][] output;
  private final AttentionConfig config;
  private final Dropout dropout;

  NaiveAttention(AttentionWeights weights, AttentionConfig config, Dropout dropout) {
    this.weights = weights;
    this.input = weights.input().value().toDoubleMatrix();
    this.output = weights.output().value().toDoubleMatrix();
    this.config = config;
    this.dropout = dropout;
  }

  /** {@code [query tokens, width]}. */
  double[][] forward(INDArray x, Segments segments, INDArray source, Segments sourceSegments, long step) {
    double[][] queries = x.toDoubleMatrix();
    double[][] keys = source.toDoubleMatrix();
    double[][] out = new double[queries.length][];
    for (int s = 0; s < segments.sentences(); s++) {
      for (int i = 0; i < segments.length(s); i++) {
        int row = segments.start(s) + i;
        double[] context = new double[config.queryWidth()];
        int rowKey = dropout.rowKey(step, (long) segments.firstToken() + row);
        for (int h = 0; h < config.heads(); h++) {
          head(h, i, queries[row], keys, sourceSegments.start(s), sourceSegments.length(s), rowKey, context);
        }
        out[row] = product(output, weights.outputBias(), 0, output.length, context);
      }
    }
    return out;
  }

  private void head(int h, int position, double[] query, double[][] keys, int firstKey, int keyCount, int rowKey, double[] context) {
    int width = config.headWidth();
    int keyHead = h / (config.heads() / config.keyValueHeads());
    double[] q = turned(projected(h * width, query), position);
    double[] scores = new double[keyCount];
    double sum = 0;
    for (int j = 0; j < keyCount; j++) {
      double[] k = turned(projected(config.queryWidth() + keyHead * width, keys[firstKey + j]), j);
      boolean seen = config.masking() == Masking.NONE || j <= position && (config.window() == 0 || j > position - config.window());
      scores[j] = seen ? Math.exp(config.scale() * dot(q, k) + bias(h, position, j)) : 0;
      sum += scores[j];
    }
    for (int j = 0; j < keyCount; j++) {
      boolean kept = Dropout.keeps(rowKey, AttentionDropout.element(h, j), dropout.threshold());
      double weight = kept ? scores[j] / sum * dropout.scale() : 0;
      double[] v = projected(config.queryWidth() + config.keyValueWidth() + keyHead * width, keys[firstKey + j]);
      for (int e = 0; e < width; e++) {
        context[h * width + e] += weight * v[e];
      }
    }
  }

  private double bias(int h, int position, int key) {
    if (config.positions() instanceof AttentionPositions.Alibi alibi) {
      return alibi.factor() * AttentionPositions.Alibi.slopes(config.heads())[h] * key;
    }
    return config.positions() instanceof AttentionPositions.Relative relative
        ? weights.relative().value().getDouble(relative.bucket(key - position, config.masking()), h) : 0;
  }

  private double[] turned(double[] head, int position) {
    if (!(config.positions() instanceof AttentionPositions.Rotary rotary)) {
      return head;
    }
    double[] turned = head.clone();
    int half = rotary.width() / 2;
    for (int i = 0; i < half; i++) {
      double angle = position / rotary.scaling() * Math.pow(rotary.theta(), -2.0 * i / rotary.width());
      turned[i] = head[i] * Math.cos(angle) - head[i + half] * Math.sin(angle);
      turned[i + half] = head[i + half] * Math.cos(angle) + head[i] * Math.sin(angle);
    }
    return turned;
  }

  private double[] projected(int firstRow, double[] x) {
    return product(input, weights.inputBias(), firstRow, config.headWidth(), x);
  }

  private static double[] product(double[][] weight, Weight bias, int firstRow, int rows, double[] x) {
    double[] out = new double[rows];
    for (int i = 0; i < rows; i++) {
      out[i] = dot(weight[firstRow + i], x) + (bias == null ? 0 : bias.value().getDouble(firstRow + i));
    }
    return out;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
