package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A training pass keeps the inner sums; activation and dropout are computed again in the backward pass. */
final class Nd4jFeedForward implements FeedForwardKernel {
  /** {@code x W1^T + b1}, to which the activation is applied; in a gated layer the gate. */
  private final Nd4jLinear inner;
  /** {@code x Wu^T + bu} of a gated layer, which the activated gate is multiplied by; null in a plain one. */
  private final Nd4jLinear gated;
  private final Nd4jLinear outer;
  private final FeedForwardConfig config;
  private final Dropout dropout;
  private final Nd4jMemory memory;

  Nd4jFeedForward(FeedForwardWeights weights, FeedForwardConfig config, Dropout dropout, Nd4jMemory memory) {
    this.inner = Nd4jLinear.ofRows(weights.inner(), weights.innerBias(), 0, config.inner());
    this.gated = config.kind() == FeedForwardConfig.Kind.PLAIN ? null
        : Nd4jLinear.ofRows(weights.inner(), weights.innerBias(), config.inner(), 2L * config.inner());
    this.outer = new Nd4jLinear(weights.outer(), weights.outerBias());
    this.config = config;
    this.dropout = dropout;
    this.memory = memory;
  }

  @Override
  public Forward forward(INDArray x, long firstToken, Pass pass, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray out = space.array(x.dataType(), x.size(0), outer.out());
      INDArray sum = inner.forward(x, memory.kept(pass, x.dataType(), x.size(0), config.inner()));
      INDArray factor = gated == null ? null : gated.forward(x, memory.kept(pass, x.dataType(), x.size(0), config.inner()));
      outer.forward(hidden(sum, factor, firstToken, pass), out);
      Backward backward = (outputGradient, gradients) -> backward(outputGradient, x, sum, factor, firstToken, pass, gradients);
      return memory.result(pass, out, backward);
    }
  }

  /** What the outer product reads: {@code [tokens, ffn]}. */
  private INDArray hidden(INDArray sum, INDArray factor, long firstToken, Pass pass) {
    INDArray activated = Nd4jActivation.of(config.activation(), sum);
    return Nd4jOps.dropOut(factor == null ? activated : activated.muli(factor), dropout, pass, firstToken);
  }

  private INDArray[] backward(INDArray outputGradient, INDArray x, INDArray sum, INDArray factor, long firstToken, Pass pass,
      Space space) {
    INDArray inputGradient = space.array(x.dataType(), x.shape());
    outer.addGradients(outputGradient, hidden(sum, factor, firstToken, pass));
    INDArray gradient = outer.inputGradient(outputGradient, Nd4jOps.temporary(x.dataType(), sum.shape()));
    Nd4jOps.dropOut(gradient, dropout, pass, firstToken);
    INDArray factorGradient = factor == null ? null : gradient.mul(Nd4jActivation.of(config.activation(), sum));
    gradient.muli(Nd4jActivation.derivative(config.activation(), sum));
    if (factor != null) {
      gradient.muli(factor);
    }
    inner.addGradients(gradient, x);
    inner.inputGradient(gradient, inputGradient);
    if (factor != null) {
      gated.addGradients(factorGradient, x);
      inputGradient.addi(gated.inputGradient(factorGradient, Nd4jOps.temporary(x.dataType(), x.shape())));
    }
    return new INDArray[] {inputGradient};
  }
}
