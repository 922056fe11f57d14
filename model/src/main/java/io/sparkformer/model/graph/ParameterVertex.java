package io.sparkformer.model.graph;

/** A running vertex with parameters, whose numbers are made by kernels. */
interface ParameterVertex {
  /** Uses what the vertices of its graph share from now on. */
  void join(GraphContext context);

  VertexParameters parameters();
}
