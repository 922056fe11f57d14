package io.sparkformer.model.graph;

import io.sparkformer.model.block.Block;
import io.sparkformer.model.block.CrossAttentionWatch;
import io.sparkformer.model.block.EmbeddingBlock;
import io.sparkformer.model.block.Inputs;
import io.sparkformer.model.block.LayerBlock;
import io.sparkformer.model.block.Node;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.misc.DummyConfig;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A running block. Its inputs are those of {@link Inputs} that it has, in their order, offsets for segments. The portable kernels serve
 * until {@link TransformerModel} chooses others, so that a graph that DL4J's own {@code ModelSerializer} restored runs as it is.
 */
final class RunningBlock extends BaseGraphVertex implements ParameterVertex {
  private static final long serialVersionUID = 1L;

  private final transient Block block;
  private final transient VertexParameters parameters;
  private transient GraphContext context = new GraphContext(new Nd4jKernels());
  private transient Node node;
  /** The flat gradient that the node adds to; DL4J makes it late, and may make it anew. */
  private transient INDArray nodeGradients;
  private transient Backward backward;
  private transient long mark;

  RunningBlock(Block block, ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
    super(graph, name, index, null, null, type);
    this.block = block;
    this.parameters = parameters;
  }

  @Override
  public void join(GraphContext context) {
    this.context = context;
    this.node = null;
  }

  @Override
  public VertexParameters parameters() {
    return parameters;
  }

  Block block() {
    return block;
  }

  Node node() {
    INDArray gradients = graph.getGradientsViewArray();
    if (node == null || nodeGradients != gradients) {
      node = block.node(context.kernels(), name -> parameters.weight(graph, name));
      nodeGradients = gradients;
    }
    return node;
  }

  /** A watch of a layer's cross-attention. */
  CrossAttentionWatch crossAttentionWatch(UnaryOperator<INDArray> toHost) {
    return ((LayerBlock) block).crossAttentionWatch(name -> parameters.weight(graph, name), toHost);
  }

  /** What the block reads of the vertex's inputs. */
  Inputs read(INDArray... in) {
    if (block instanceof EmbeddingBlock) {
      return new Inputs(in[0], in.length == 3 ? in[1] : null, context.segments(in[in.length - 1]), null);
    }
    // While decoding, cross-attention reads its cache: the encoder's output and its offsets are not there.
    return in.length == 2 ? new Inputs(in[0], null, context.segments(in[1]), null)
        : new Inputs(in[0], in[1], context.segments(in[2]), in[3] == null ? null : context.segments(in[3]));
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr space) {
    context.beforeForward(vertexName);
    mark = context.kernels().memory().mark();
    Forward forward = node().forward(read(inputs), training ? Pass.training(graph.getIterationCount()) : Pass.INFERENCE,
        context.kernels().activations((type, shape) -> space.createUninitialized(ArrayType.ACTIVATIONS, type, shape, 'c')));
    backward = forward.backward();
    if (!training) {
      context.kernels().memory().release(mark);
    }
    return forward.output();
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr space) {
    INDArray[] ofInputs = backward.run(epsilon,
        context.kernels().gradients((type, shape) -> space.createUninitialized(ArrayType.ACTIVATION_GRAD, type, shape, 'c')));
    backward = null;
    context.kernels().memory().release(mark);
    context.afterBackward(vertexName);
    // Ids and offsets have no gradient.
    INDArray[] gradients = new INDArray[inputs.length];
    System.arraycopy(ofInputs, 0, gradients, 0, ofInputs.length);
    return new Pair<>(null, gradients);
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray view) {
    parameters.attachGradients(view);
  }

  @Override
  public INDArray params() {
    return parameters.owned().isEmpty() ? null : parameters.values();
  }

  @Override
  public INDArray getGradientsViewArray() {
    return parameters.gradients();
  }

  @Override
  public Map<String, INDArray> paramTable(boolean backpropOnly) {
    return parameters.table();
  }

  /** Updates are made outside DL4J, by {@code optimizer}: to DL4J the parameters have no updater. */
  @Override
  public TrainingConfig getConfig() {
    return new DummyConfig(vertexName);
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArrays(INDArray[] masks, MaskState state, int minibatch) {
    return null;
  }

  @Override
  public boolean hasLayer() {
    return false;
  }

  @Override
  public Layer getLayer() {
    return null;
  }

  @Override
  public String toString() {
    return "RunningBlock(" + vertexName + ")";
  }
}
