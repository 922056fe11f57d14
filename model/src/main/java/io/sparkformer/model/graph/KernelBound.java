package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.Kernels;

/** A vertex whose numbers are made by kernels. */
interface KernelBound {
  /** Uses these kernels from now on. */
  void bind(Kernels kernels);

  /** The parameters that the vertex owns. */
  VertexParameters parameters();

  /** Name of the vertex whose parameters this one reads instead of its own; null if there is none. */
  default String parameterOwner() {
    return null;
  }
}
