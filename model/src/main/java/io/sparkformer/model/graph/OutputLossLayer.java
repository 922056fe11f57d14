package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.OutputKernel;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.LossLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The running output layer: integer targets {@code [tokens]} in, losses and the gradient of the loss summed over tokens out. */
final class OutputLossLayer extends LossLayer {
  private static final long serialVersionUID = 1L;

  private transient Supplier<OutputKernel> kernel;
  private transient Loss loss = Loss.ZERO;

  OutputLossLayer(NeuralNetConfiguration conf, int index, DataType type) {
    super(conf, type);
    setIndex(index);
  }

  void attach(Supplier<OutputKernel> kernel) {
    this.kernel = kernel;
  }

  /** The loss of the last backward pass or scoring. */
  Loss loss() {
    return loss;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr space) {
    OutputKernel.Result result = kernel.get().lossAndGradient(input, labels, space);
    loss = result.loss();
    return new Pair<>(new DefaultGradient(), result.inputGradient());
  }

  /** The mean label-smoothed loss per target token; in training, of the backward pass that went before. */
  @Override
  public double computeScore(double regularization, boolean training, LayerWorkspaceMgr space) {
    if (!training) {
      loss = kernel.get().loss(input, labels);
    }
    score = loss.smoothed() / Math.max(1, loss.tokens()) + regularization;
    return score;
  }

  /** Logits {@code [tokens, vocabulary]}. */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr space) {
    return kernel.get().logits(input, space);
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
