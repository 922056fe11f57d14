package io.sparkformer.model.graph;

import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.block.CrossAttentionWatch;
import io.sparkformer.model.block.DecodingState;
import io.sparkformer.model.block.HeadNode;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.memory.FloatRegion;
import java.util.function.BiFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A decoder that says sequences token by token, with keys and values of earlier tokens in a {@link DecodingState}. */
public final class Decoding {
  private final NetworkConfig config;
  private final ComputationGraph graph;
  private final Inference inference;

  Decoding(NetworkConfig config, ComputationGraph graph, Inference inference) {
    this.config = config;
    this.graph = graph;
    this.inference = inference;
  }

  /**
   * Begins to decode sequences: encodes what the decoder will attend to, and makes caches for all of its attentions.
   *
   * @param encoder one sequence for each row; null for a network without an encoder
   * @param rows how many sequences
   */
  public DecodingState open(Sequences encoder, int rows) {
    return open(encoder, rows, null);
  }

  /** As {@link #open(Sequences, int)}, with a watch of a cross-attention; null for none. */
  public DecodingState open(Sequences encoder, int rows, CrossAttentionWatch watch) {
    DecodingState state = new DecodingState(rows);
    if (encoder == null) {
      openCaches(state, null, null);
      return state;
    }
    return inference.run(Inference.values(config, encoder, null), values -> {
      INDArray encoded = values.get(NetworkGraph.last(NetworkGraph.ENCODER, config.encoder()));
      openCaches(state, encoded, Segments.of(encoder.offsets()));
      if (watch != null) {
        watch.open(encoded, Segments.of(encoder.offsets()));
        state.watch(watch);
      }
      return state;
    });
  }

  /**
   * A watch of the cross-attention of a layer of the decoder, for one batch at a time.
   *
   * @param layer its number, from 0
   */
  public CrossAttentionWatch watch(int layer) {
    RunningBlock block = (RunningBlock) graph.getVertex(NetworkGraph.DECODER + ".layers." + layer);
    return block.crossAttentionWatch(inference::detached);
  }

  private void openCaches(DecodingState state, INDArray encoded, Segments segments) {
    for (GraphVertex vertex : graph.getVertices()) {
      if (vertex instanceof RunningBlock block && vertex.getVertexName().startsWith(NetworkGraph.DECODER)) {
        block.node().open(state, encoded, segments);
      }
    }
  }

  /**
   * Appends tokens to the rows of a state: of new rows their prompts, later one token each.
   *
   * @param tokens of every row, at least one
   * @return the k most probable tokens to follow each row
   */
  public NextTokens extend(Sequences tokens, DecodingState state, int k, int endToken) {
    return extend(tokens, state, (head, x) -> head.nextTokens(x, k, endToken));
  }

  /**
   * As {@link #extend}, and gives the unnormalized scores of all tokens to follow each row.
   *
   * @param into gets {@code [rows, vocabulary]}; may be longer
   */
  public void logits(Sequences tokens, DecodingState state, float[] into) {
    extend(tokens, state, (head, x) -> {
      INDArray scores = head.logits(x, Inference.DETACHED);
      FloatRegion.of(scores).read(0, into, Math.toIntExact(scores.length()));
      scores.close();
      return into;
    });
  }

  /** @param use gets the head, and the last stack's output for the last token of every row */
  private <T> T extend(Sequences tokens, DecodingState state, BiFunction<OutputKernel, INDArray, T> use) {
    Segments segments = Segments.of(tokens.offsets());
    HeadVertex.Running head = (HeadVertex.Running) graph.getVertex(HeadConfig.Vocabulary.NAME);
    T result = inference.extend(tokens, state, values -> {
      INDArray x = values.get(graph.getConfiguration().getVertexInputs().get(HeadConfig.Vocabulary.NAME).get(0));
      return use.apply(((HeadNode.Classes) head.node()).kernel(), segments.tokens() == segments.sentences() ? x
          : lastRows(inference.detached(x), segments));
    });
    state.advance(segments);
    return result;
  }

  /** Of every sequence the row of its last token. */
  private static INDArray lastRows(INDArray x, Segments segments) {
    INDArray last = Inference.DETACHED.array(x.dataType(), segments.sentences(), x.size(1));
    for (int i = 0; i < segments.sentences(); i++) {
      last.putRow(i, x.getRow(segments.start(i + 1) - 1L));
    }
    return last;
  }
}
