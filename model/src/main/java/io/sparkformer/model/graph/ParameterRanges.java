package io.sparkformer.model.graph;

import io.sparkformer.model.memory.FlatRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Which range of the trained parameters each vertex reads and adds its gradient to; tells a listener when it does. */
final class ParameterRanges {
  private final Map<String, FlatRange> ranges = new HashMap<>();
  /** Those that one vertex alone reads, which tells of itself. */
  private final Set<String> exclusive = new HashSet<>();
  /** All others: needed from the first and finished with the last. */
  private final List<FlatRange> shared = new ArrayList<>();
  private PassListener listener = PassListener.NONE;

  ParameterRanges(ComputationGraph graph) {
    Set<String> lent = new HashSet<>();
    long offset = 0;
    for (int index : graph.topologicalSortOrder()) {
      if (graph.getVertices()[index] instanceof ParameterVertex vertex) {
        String name = graph.getVertices()[index].getVertexName();
        long from = offset;
        offset += vertex.parameters().trainedLength();
        ranges.put(name, new FlatRange(from, offset));
        vertex.parameters().lenders().forEach(lent::add);
        if (vertex instanceof RunningBlock) {
          exclusive.add(name);
        }
      }
    }
    exclusive.removeAll(lent);
    exclusive.removeIf(name -> ranges.get(name).isEmpty());
    ranges.forEach((name, range) -> {
      if (!exclusive.contains(name) && !range.isEmpty()) {
        shared.add(range);
      }
    });
  }

  void begin(PassListener of) {
    listener = of;
    shared.forEach(listener::needs);
  }

  void beforeForward(String vertex) {
    if (exclusive.contains(vertex)) {
      listener.needs(ranges.get(vertex));
    }
  }

  void afterBackward(String vertex) {
    if (exclusive.contains(vertex)) {
      listener.finished(ranges.get(vertex));
    }
  }

  void end() {
    PassListener told = listener;
    listener = PassListener.NONE;
    shared.forEach(told::finished);
  }

  /** The pass broke off. */
  void forget() {
    listener = PassListener.NONE;
  }
}
