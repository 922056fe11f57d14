package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Nd4jKernels;
import io.sparkformer.model.kernel.Pass;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.misc.DummyConfig;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A running vertex: parameters and wiring here, numbers in a kernel. The portable kernels serve until
 * {@link TransformerModel} binds others, so that a graph that DL4J's own {@code ModelSerializer} restored runs as it is.
 */
abstract class KernelVertex<K> extends BaseGraphVertex implements KernelBound {
  private static final long serialVersionUID = 1L;

  private final transient VertexParameters parameters;
  private transient Kernels kernels = new Nd4jKernels();
  private transient K kernel;
  private transient ParameterRanges ranges;
  /** The flat gradient that the kernel adds to; DL4J makes it late, and may make it anew. */
  private transient INDArray kernelGradients;

  KernelVertex(ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
    super(graph, name, index, null, null, type);
    this.parameters = parameters;
  }

  /** Makes the kernel over the current views of parameters and gradients. */
  abstract K makeKernel(Kernels kernels);

  abstract INDArray forward(Pass pass, LayerWorkspaceMgr space);

  /** Returns the gradients of the inputs, null for those that have none (ids, offsets). */
  abstract INDArray[] backward(LayerWorkspaceMgr space);

  @Override
  public final VertexParameters parameters() {
    return parameters;
  }

  /** One decoding step: as {@link #forward}, with one token a row; positions and earlier tokens come from the state. */
  INDArray step(DecodingState state, LayerWorkspaceMgr space) {
    return forward(Pass.INFERENCE, space);
  }

  final K kernel() {
    INDArray gradients = graph.getGradientsViewArray();
    if (kernel == null || kernelGradients != gradients) {
      kernel = makeKernel(kernels);
      kernelGradients = gradients;
    }
    return kernel;
  }

  @Override
  public final void bind(Kernels kernels) {
    this.kernels = kernels;
    this.kernel = null;
  }

  /** Tells of its passes from now on. */
  final void tell(ParameterRanges of) {
    ranges = of;
  }

  @Override
  public final INDArray doForward(boolean training, LayerWorkspaceMgr space) {
    if (ranges != null) {
      ranges.beforeForward(vertexName);
    }
    return forward(training ? Pass.training(graph.getIterationCount()) : Pass.INFERENCE, space);
  }

  @Override
  public final Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr space) {
    INDArray[] gradients = backward(space);
    if (ranges != null) {
      ranges.afterBackward(vertexName);
    }
    return new Pair<>(null, gradients);
  }

  @Override
  public final void setBackpropGradientsViewArray(INDArray view) {
    parameters.attachGradients(view);
  }

  @Override
  public final INDArray params() {
    return parameters.declared().isEmpty() ? null : parameters.values();
  }

  @Override
  public final INDArray getGradientsViewArray() {
    return parameters.gradients();
  }

  @Override
  public final Map<String, INDArray> paramTable(boolean backpropOnly) {
    Map<String, INDArray> table = new LinkedHashMap<>();
    parameters.declared().forEach(p -> table.put(p.name(), parameters.weight(p.name()).value()));
    return table;
  }

  /** Updates are made outside DL4J, by {@code optimizer}: to DL4J the parameters have no updater. */
  @Override
  public final TrainingConfig getConfig() {
    return new DummyConfig(vertexName);
  }

  @Override
  public final Pair<INDArray, MaskState> feedForwardMaskArrays(INDArray[] masks, MaskState state, int minibatch) {
    return null;
  }

  @Override
  public final boolean hasLayer() {
    return false;
  }

  @Override
  public final Layer getLayer() {
    return null;
  }

  @Override
  public final String toString() {
    return getClass().getEnclosingClass().getSimpleName() + "(" + vertexName + ")";
  }
}
