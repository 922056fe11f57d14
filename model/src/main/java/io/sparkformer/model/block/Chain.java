package io.sparkformer.model.block;

import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels one after another, each of which reads the output of the one before. */
final class Chain implements Node {
  /** A link of the chain. */
  @FunctionalInterface
  interface Link {
    Forward forward(INDArray x, Inputs inputs, Pass pass, Space space);
  }

  private final Memory memory;
  private final List<Link> links;

  Chain(Memory memory, List<Link> links) {
    this.memory = memory;
    this.links = links;
  }

  @Override
  public Forward forward(Inputs inputs, Pass pass, Space space) {
    List<Backward> way = new ArrayList<>(links.size());
    INDArray x = inputs.x();
    for (int i = 0; i < links.size(); i++) {
      Forward forward = links.get(i).forward(x, inputs, pass, i == links.size() - 1 ? space : memory);
      way.add(forward.backward());
      x = forward.output();
    }
    return pass.isTraining() ? new Forward(x, (gradient, target) -> back(way, gradient, target)) : Forward.inference(x);
  }

  private INDArray[] back(List<Backward> way, INDArray outputGradient, Space space) {
    INDArray gradient = outputGradient;
    long mark = memory.mark();
    for (int i = way.size() - 1; i > 0; i--) {
      gradient = way.get(i).run(gradient, memory)[0];
    }
    INDArray[] result = way.get(0).run(gradient, space);
    memory.release(mark);
    return result;
  }
}
