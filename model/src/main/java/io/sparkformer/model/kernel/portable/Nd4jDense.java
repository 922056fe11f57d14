package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

final class Nd4jDense implements DenseKernel {
  private final Nd4jLinear linear;
  private final Activation activation;
  private final Nd4jMemory memory;

  Nd4jDense(Nd4jLinear linear, Activation activation, Nd4jMemory memory) {
    this.linear = linear;
    this.activation = activation;
    this.memory = memory;
  }

  @Override
  public Forward forward(INDArray x, Pass pass, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray out = space.array(x.dataType(), x.size(0), linear.out());
      INDArray sum = linear.forward(x, memory.kept(pass, x.dataType(), out.shape()));
      out.assign(Nd4jActivation.of(activation, sum));
      Backward backward = (outputGradient, gradients) -> {
        INDArray inputGradient = gradients.array(x.dataType(), x.shape());
        INDArray gradient = Nd4jActivation.derivative(activation, sum).muli(outputGradient);
        linear.addGradients(gradient, x);
        return new INDArray[] {linear.inputGradient(gradient, inputGradient)};
      };
      return memory.result(pass, out, backward);
    }
  }
}
