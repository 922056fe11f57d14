package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.Activation;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

final class Nd4jFeedForward implements FeedForwardKernel {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);

  private final FeedForwardWeights weights;
  private final Activation activation;
  private final Dropout dropout;

  private INDArray x;
  /** {@code x W1^T + b1}; of a ReLU only the sign is needed again, and {@link #activated} has it. */
  private INDArray inner;
  /** After activation and dropout. */
  private INDArray activated;
  private long firstToken;
  private Pass pass;

  Nd4jFeedForward(FeedForwardWeights weights, Activation activation, Dropout dropout) {
    this.weights = weights;
    this.activation = activation;
    this.dropout = dropout;
  }

  @Override
  public INDArray forward(INDArray x, long firstToken, Pass pass, LayerWorkspaceMgr space) {
    INDArray w1 = weights.inner().value();
    INDArray w2 = weights.outer().value();
    long tokens = x.size(0);
    INDArray sum = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), new long[] {tokens, w1.size(0)}, 'c');
    Nd4jOps.linear(x, w1, weights.innerBias().value(), sum);
    INDArray hidden = sum;
    if (activation == Activation.RELU) {
      Transforms.relu(hidden, false);
    } else {
      hidden = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), sum.shape(), 'c');
      hidden.assign(sum).muli(normalDistribution(sum));
    }
    if (dropout.applies(pass)) {
      hidden.muli(Nd4jOps.dropoutMask(dropout, pass, firstToken, hidden));
    }
    INDArray out = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), new long[] {tokens, w2.size(0)}, 'c');
    if (pass.isTraining()) {
      this.x = x;
      this.inner = sum;
      this.activated = hidden;
      this.firstToken = firstToken;
      this.pass = pass;
    }
    return Nd4jOps.linear(hidden, w2, weights.outerBias().value(), out);
  }

  @Override
  public INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    INDArray w1 = weights.inner().value();
    Nd4jOps.addLinearGradients(outputGradient, activated, weights.outer().gradient(), weights.outerBias().gradient());
    INDArray gradient = Nd4jOps.temporary(x.dataType(), activated.shape());
    Nd4jOps.product(outputGradient, weights.outer().value(), gradient);
    if (activation == Activation.RELU) {
      // What is positive passed the ReLU and was not dropped.
      gradient.muli(activated.gt(0).castTo(gradient.dataType()));
      if (dropout.applies(pass)) {
        gradient.muli(dropout.scale());
      }
    } else {
      if (dropout.applies(pass)) {
        gradient.muli(Nd4jOps.dropoutMask(dropout, pass, firstToken, gradient));
      }
      // d/dx x Phi(x) = Phi(x) + x phi(x)
      INDArray density = Transforms.exp(inner.mul(inner).muli(-0.5), false).muli(DENSITY_AT_0).muli(inner);
      gradient.muli(density.addi(normalDistribution(inner)));
    }
    Nd4jOps.addLinearGradients(gradient, x, weights.inner().gradient(), weights.innerBias().gradient());
    INDArray inputGradient = space.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
    return Nd4jOps.product(gradient, w1, inputGradient);
  }

  /** Phi(x), by erf. */
  private static INDArray normalDistribution(INDArray x) {
    INDArray phi = x.mul(SQRT_HALF);
    Nd4j.exec(new Erf(phi, phi));
    return phi.addi(1).muli(0.5);
  }
}
