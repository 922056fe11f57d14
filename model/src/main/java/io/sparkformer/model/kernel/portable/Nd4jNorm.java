package io.sparkformer.model.kernel.portable;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

final class Nd4jNorm implements NormKernel {
  private final Weight gain;
  private final Weight bias;
  private final double epsilon;

  /** {@code (x - mean) / deviation}, {@code [tokens, d_model]}. */
  private INDArray normalized;
  /** {@code 1 / sqrt(variance + epsilon)}, {@code [tokens, 1]}. */
  private INDArray inverseDeviation;

  Nd4jNorm(Weight gain, Weight bias, double epsilon) {
    this.gain = gain;
    this.bias = bias;
    this.epsilon = epsilon;
  }

  @Override
  public INDArray forward(INDArray x, Pass pass, LayerWorkspaceMgr space) {
    INDArray centred = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    centred.assign(x).subiColumnVector(x.mean(true, 1));
    INDArray inverse = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), new long[] {x.size(0), 1}, 'c');
    inverse.assign(Transforms.sqrt(centred.mul(centred).mean(true, 1).addi(epsilon), false).rdivi(1));
    centred.muliColumnVector(inverse);
    if (pass.isTraining()) {
      normalized = centred;
      inverseDeviation = inverse;
    }
    INDArray out = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    return out.assign(centred).muliRowVector(row(gain.value())).addiRowVector(row(bias.value()));
  }

  @Override
  public INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    Nd4jOps.addColumnSums(outputGradient, bias.gradient());
    INDArray product = outputGradient.mul(normalized);
    Nd4jOps.addColumnSums(product, gain.gradient());
    // With g = dy * gain: dx = (g - mean(g) - normalized * mean(g * normalized)) / deviation
    INDArray out = space.createUninitialized(ArrayType.ACTIVATION_GRAD, outputGradient.dataType(), outputGradient.shape(), 'c');
    out.assign(outputGradient).muliRowVector(row(gain.value()));
    INDArray meanProduct = product.muliRowVector(row(gain.value())).mean(true, 1);
    out.subiColumnVector(out.mean(true, 1));
    return out.subi(normalized.mulColumnVector(meanProduct)).muliColumnVector(inverseDeviation);
  }

  private static INDArray row(INDArray vector) {
    return vector.reshape(1, vector.length());
  }
}
