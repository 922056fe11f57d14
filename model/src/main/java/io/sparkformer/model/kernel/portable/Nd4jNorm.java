package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

final class Nd4jNorm implements NormKernel {
  private final NormWeights weights;
  private final double epsilon;
  /** Layer norm subtracts the mean, RMS norm does not. */
  private final boolean centres;
  private final Dropout dropout;
  private final Nd4jMemory memory;

  Nd4jNorm(NormWeights weights, NormConfig config, Dropout dropout, Nd4jMemory memory) {
    this.weights = weights;
    this.epsilon = config.epsilon();
    this.centres = config.kind() != NormConfig.Kind.RMS;
    this.dropout = dropout;
    this.memory = memory;
  }

  @Override
  public Forward forward(INDArray x, long firstToken, Pass pass, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray out = space.array(x.dataType(), x.shape());
      // (x - mean) / deviation, or x / root mean square: [tokens, width]; and what it was multiplied by: [tokens, 1]
      INDArray normalized = memory.kept(pass, x.dataType(), x.shape()).assign(x);
      INDArray inverse = memory.kept(pass, x.dataType(), x.size(0), 1);
      if (centres) {
        normalized.subiColumnVector(x.mean(true, 1));
      }
      inverse.assign(Transforms.sqrt(normalized.mul(normalized).mean(true, 1).addi(epsilon), false).rdivi(1));
      normalized.muliColumnVector(inverse);
      out.assign(normalized).muliRowVector(gain());
      if (weights.bias() != null) {
        out.addiRowVector(Nd4jOps.row(weights.bias().value()));
      }
      Nd4jOps.dropOut(out, dropout, pass, firstToken);
      Backward backward = (outputGradient, gradients) -> backward(outputGradient, normalized, inverse, firstToken, pass, gradients);
      return memory.result(pass, out, backward);
    }
  }

  /** With g = dy * gain: dx = (g - mean(g) - normalized * mean(g * normalized)) * inverse; without centring no mean(g). */
  private INDArray[] backward(INDArray outputGradient, INDArray normalized, INDArray inverse, long firstToken, Pass pass, Space space) {
    INDArray out = space.array(outputGradient.dataType(), outputGradient.shape()).assign(outputGradient);
    Nd4jOps.dropOut(out, dropout, pass, firstToken);
    Nd4jOps.addColumnSums(out, Nd4jOps.gradient(weights.bias()));
    INDArray product = out.mul(normalized);
    Nd4jOps.addColumnSums(product, weights.gain().gradient());
    INDArray meanProduct = product.muliRowVector(gain()).mean(true, 1);
    out.muliRowVector(gain());
    if (centres) {
      out.subiColumnVector(out.mean(true, 1));
    }
    out.subi(normalized.mulColumnVector(meanProduct)).muliColumnVector(inverse);
    return new INDArray[] {out};
  }

  private INDArray gain() {
    return Nd4jOps.row(weights.gain().value());
  }
}
