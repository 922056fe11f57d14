package io.sparkformer.model.block;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Weight;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What the cross-attention of one layer attends to while sequences are decoded: of every row, for its newest token, the mean over all heads
 * of the attention weights. They are computed once more beside the layer, in float32 in the host's memory whatever kernels the network has,
 * and by those alone who ask for them: kernels never store attention weights.
 */
public final class CrossAttentionWatch {
  private final String attention;
  private final AttentionConfig config;
  private final Projection ofQueries;
  private final Projection ofKeys;
  private final UnaryOperator<INDArray> toHost;
  /** {@code [encoder tokens, key_value_heads * head_width]}. */
  private float[][] keys;
  private Segments sources;
  /** Of every row, the number of its source. */
  private int[] sourceOfRow;
  private float[][] weights;

  /**
   * A watch of an attention.
   *
   * @param attention its name in {@link DecodingState}
   * @param weight its projections of queries, keys and values, see {@link io.sparkformer.model.kernel.AttentionWeights}
   * @param bias theirs; null for none
   * @param toHost makes a copy in the host's memory
   */
  CrossAttentionWatch(String attention, AttentionConfig config, Weight weight, Weight bias, UnaryOperator<INDArray> toHost) {
    this.attention = attention;
    this.config = config;
    this.ofQueries = Projection.ofRows(weight, bias, 0, config.queryWidth());
    this.ofKeys = Projection.ofRows(weight, bias, config.queryWidth(), config.queryWidth() + config.keyValueWidth());
    this.toHost = toHost;
  }

  /**
   * A matrix and its bias on the heap.
   *
   * @param transposed {@code [inputs, outputs]}
   */
  private record Projection(float[][] transposed, float[] bias) {
    static Projection ofRows(Weight weight, Weight bias, int from, int to) {
      return new Projection(weight.value().get(NDArrayIndex.interval(from, to)).transpose().toFloatMatrix(),
          bias == null ? new float[to - from] : bias.value().get(NDArrayIndex.interval(from, to)).toFloatVector());
    }

    /** Sums in the same order whatever other rows there are. */
    float[] of(float[] x) {
      float[] result = bias.clone();
      for (int c = 0; c < x.length; c++) {
        float factor = x[c];
        float[] row = transposed[c];
        for (int o = 0; o < result.length; o++) {
          result[o] += factor * row[o];
        }
      }
      return result;
    }
  }

  String attention() {
    return attention;
  }

  /**
   * Begins a batch: a row for every source.
   *
   * @param encoded the encoder's output {@code [encoder tokens, width]}
   */
  public void open(INDArray encoded, Segments segments) {
    keys = rows(encoded);
    Arrays.setAll(keys, i -> ofKeys.of(keys[i]));
    sources = segments;
    sourceOfRow = IntStream.range(0, segments.sentences()).toArray();
  }

  void select(int[] parents) {
    sourceOfRow = Arrays.stream(parents).map(parent -> sourceOfRow[parent]).toArray();
  }

  /**
   * The attention reads.
   *
   * @param x {@code [tokens, width]}
   * @param segments the new tokens of every row; the last one counts
   */
  void look(INDArray x, Segments segments) {
    float[][] read = rows(x);
    weights = new float[sourceOfRow.length][];
    for (int row = 0; row < weights.length; row++) {
      weights[row] = meanOfHeads(ofQueries.of(read[segments.start(row + 1) - 1]), sourceOfRow[row]);
    }
  }

  private float[] meanOfHeads(float[] query, int source) {
    int first = sources.start(source);
    int count = sources.length(source);
    float[] mean = new float[count];
    double[] scores = new double[count];
    for (int head = 0; head < config.heads(); head++) {
      int at = head * config.headWidth();
      int keyAt = head / config.group() * config.headWidth();
      double largest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < count; i++) {
        float[] key = keys[first + i];
        float score = 0;
        for (int c = 0; c < config.headWidth(); c++) {
          score += query[at + c] * key[keyAt + c];
        }
        scores[i] = config.scale() * score;
        largest = Math.max(largest, scores[i]);
      }
      double sum = 0;
      for (int i = 0; i < count; i++) {
        scores[i] = Math.exp(scores[i] - largest);
        sum += scores[i];
      }
      for (int i = 0; i < count; i++) {
        mean[i] += (float) (scores[i] / sum / config.heads());
      }
    }
    return mean;
  }

  /**
   * The attention weights of a row's newest token.
   *
   * @return {@code [source tokens, the end token included]}, which sum to 1; not a copy
   */
  public float[] weights(int row) {
    return weights[row];
  }

  private float[][] rows(INDArray x) {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces(); INDArray host = toHost.apply(x)) {
      return host.toFloatMatrix();
    }
  }
}
