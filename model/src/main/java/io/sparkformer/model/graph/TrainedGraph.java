package io.sparkformer.model.graph;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** DL4J's graph, whose flat gradient holds those parameters alone that are trained, in the order of the flat parameters. */
final class TrainedGraph extends ComputationGraph {
  private static final long serialVersionUID = 1L;

  TrainedGraph(ComputationGraphConfiguration configuration) {
    super(configuration);
  }

  @Override
  public void initGradientsView() {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      long length = 0;
      for (GraphVertex vertex : getVertices()) {
        length += vertex instanceof ParameterVertex bound ? bound.parameters().trainedLength() : 0;
      }
      flattenedGradients = Nd4j.create(params().dataType(), length);
      long offset = 0;
      for (int index : topologicalSortOrder()) {
        if (getVertices()[index] instanceof ParameterVertex bound && bound.parameters().trainedLength() > 0) {
          long end = offset + bound.parameters().trainedLength();
          INDArray view = flattenedGradients.get(NDArrayIndex.interval(offset, end));
          bound.parameters().attachGradients(view);
          offset = end;
        }
      }
    }
  }
}
