package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.ScoreKernel;
import io.sparkformer.model.kernel.ScoreLoss;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

final class Nd4jScores implements ScoreKernel {
  private final Nd4jLinear linear;
  private final Nd4jMemory memory;

  Nd4jScores(Nd4jLinear linear, Nd4jMemory memory) {
    this.linear = linear;
    this.memory = memory;
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      return linear.forward(x, space.array(x.dataType(), x.size(0), linear.out()));
    }
  }

  @Override
  public Loss loss(INDArray x, ScoreLoss loss) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      return loss.toGradients(scores(x));
    }
  }

  @Override
  public OutputKernel.Result lossAndGradient(INDArray x, ScoreLoss loss, double weight, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray inputGradient = space.array(x.dataType(), x.shape());
      double[] scores = scores(x);
      Loss computed = loss.toGradients(scores);
      INDArray gradient = Nd4jOps.fromHost(scores, x.dataType(), x.size(0), linear.out()).muli(weight);
      linear.addGradients(gradient, x);
      return new OutputKernel.Result(computed, linear.inputGradient(gradient, inputGradient));
    }
  }

  /** Row-major {@code [rows, scores]}. */
  private double[] scores(INDArray x) {
    return linear.forward(x, Nd4jOps.temporary(x.dataType(), x.size(0), linear.out())).data().asDouble();
  }
}
