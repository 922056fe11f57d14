package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.LossLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The running output layer of a head: labels in, losses and the gradient of the summed loss out. */
final class HeadLossLayer extends LossLayer {
  private static final long serialVersionUID = 1L;

  private transient HeadVertex.Running vertex;
  private transient Supplier<Loss> loss = () -> Loss.ZERO;

  HeadLossLayer(NeuralNetConfiguration conf, int index, DataType type) {
    super(conf, type);
    setIndex(index);
  }

  void attach(HeadVertex.Running to) {
    this.vertex = to;
  }

  /** The loss of the last backward pass or scoring; asking for it may wait for the end of the pass. */
  Supplier<Loss> loss() {
    return loss;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr space) {
    OutputKernel.Result result = vertex.node().lossAndGradient(input, vertex.context().headSegments(), labels, vertex.lossWeight(),
        vertex.context().kernels().gradients((type, shape) -> space.createUninitialized(ArrayType.ACTIVATION_GRAD, type, shape, 'c')));
    loss = result.computed();
    return new Pair<>(new DefaultGradient(), result.inputGradient());
  }

  /** The mean loss per label; in training 0: DL4J asks in the middle of a step, when the loss may still have to be computed. */
  @Override
  public double computeScore(double regularization, boolean training, LayerWorkspaceMgr space) {
    score = regularization;
    if (!training) {
      Loss found = vertex.node().loss(input, vertex.context().headSegments(), labels);
      loss = () -> found;
      score += found.smoothed() / Math.max(1, found.tokens());
    }
    return score;
  }

  /** Scores {@code [rows, classes]}. */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr space) {
    return vertex.node().logits(input, (type, shape) -> space.createUninitialized(ArrayType.ACTIVATIONS, type, shape, 'c'));
  }

  /** The projection belongs to the vertex. */
  @Override
  public long numParams() {
    return 0;
  }

  /** Lets go of the labels; DL4J's own loss layer would free the caller's memory. */
  @Override
  public void clear() {
    labels = null;
    super.clear();
  }
}
