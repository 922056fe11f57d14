package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.Segments;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs the decoder one token a row at a time over the graph's own vertices and wiring. Keys and values of earlier tokens are kept,
 * so a sentence of n tokens costs n steps of one token each. Used by one thread at a time.
 */
public final class IncrementalDecoder {
  private final TransformerModel model;
  private DecodingState state;

  public IncrementalDecoder(TransformerModel model) {
    this.model = model;
  }

  /** Encodes sentences, given with their end tokens; row i of the first step is sentence i. */
  public void start(List<int[]> sources) {
    Segments segments = Segments.ofLengths(0, sources.stream().mapToInt(s -> s.length).toArray());
    DecodingState fresh = new DecodingState();
    try (InferenceSpace space = InferenceSpace.open()) {
      INDArray ids = Nd4j.createFromArray(sources.stream().flatMapToInt(Arrays::stream).toArray());
      INDArray memory = model.encode(ids, Nd4j.createFromArray(segments.offsets()), space.manager());
      for (GraphVertex vertex : model.graph().getVertices()) {
        if (vertex instanceof AttentionVertex.Running attention) {
          switch (attention.role()) {
            case CROSS -> fresh.put(vertex.getVertexName(), attention.kernel().cacheOf(memory, segments));
            case CAUSAL_SELF -> fresh.put(vertex.getVertexName(), attention.kernel().emptyCache(segments.sentences()));
            default -> { }
          }
        }
      }
    }
    state = fresh;
  }

  /**
   * Appends a token to every row.
   *
   * @param tokens {@code [rows]}
   * @param parents {@code [rows]}: whose history each row continues, of the rows of the step before
   * @return the k most probable tokens to follow each row
   */
  public NextTokens step(int[] tokens, int[] parents, int k, int endToken) {
    if (state == null) {
      throw new IllegalStateException("Call start before step");
    }
    try (InferenceSpace space = InferenceSpace.open()) {
      state.select(parents);
      Map<String, INDArray> values = new HashMap<>();
      values.put(TransformerGraph.TARGET, Nd4j.createFromArray(tokens));
      values.put(TransformerGraph.TARGET_OFFSETS, Nd4j.createFromArray(0, tokens.length));
      model.decodeStep(values, state, space.manager());
      state.advance();
      return model.outputKernel().nextTokens(values.get(model.lastBeforeOutput()), k, endToken);
    }
  }

  /** Lets go of the caches. */
  public void close() {
    state = null;
  }
}
