package io.sparkformer.model.explain;

import io.sparkformer.model.graph.NetworkGraph;
import io.sparkformer.model.kernel.portable.PassRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Keeps the attention weights of a pass over one sequence. */
final class AttentionRecord implements PassRecord {
  private final List<AttentionMap> maps = new ArrayList<>();

  @Override
  public void attention(String vertex, Reads reads, Supplier<List<float[][][]>> weights) {
    AttentionMap.Kind kind = reads == Reads.THE_ENCODER ? AttentionMap.Kind.CROSS
        : vertex.startsWith(NetworkGraph.ENCODER) ? AttentionMap.Kind.ENCODER_SELF : AttentionMap.Kind.DECODER_SELF;
    int layer = Integer.parseInt(vertex.substring(vertex.lastIndexOf('.') + 1));
    maps.add(new AttentionMap(kind, layer, weights.get().get(0)));
  }

  /** In the order of the layers. */
  List<AttentionMap> maps() {
    return maps;
  }
}
