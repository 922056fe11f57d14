package io.sparkformer.model.block;

import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.NormKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * A product, an activation and a norm before the output projection: BERT's prediction head.
 *
 * @param name of the parameters, as in {@code output.transform}
 */
public record TransformBlock(String name, HeadConfig.Transform config, int width, Drawing drawing) implements Block {
  @Override
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(drawing.matrix(name + ".weight", width, width));
    parameters.add(Drawing.zeros(name + ".bias", width));
    if (config.norm() != null) {
      parameters.addAll(Norms.parameters(name + ".norm", config.norm(), width));
    }
    return parameters;
  }

  @Override
  public BlockMemory memory(PassSize size) {
    long rows = PassSize.floats(size.tokens(), width);
    // The sums before the activation, the activation, the normalized rows; what products read.
    return new BlockMemory(3 * rows + PassSize.floats(size.tokens(), 1) + size.operand(size.tokens(), width),
        2 * rows + size.operand(size.tokens(), width));
  }

  @Override
  public Node node(Kernels kernels, Weights weights) {
    DenseKernel dense = kernels.dense(weights.weight(name + ".weight"), weights.weight(name + ".bias"), config.activation());
    List<Chain.Link> links = new ArrayList<>();
    links.add((x, inputs, pass, space) -> dense.forward(x, pass, space));
    if (config.norm() != null) {
      NormKernel norm = kernels.norm(Norms.weights(name + ".norm", config.norm(), weights), config.norm(), Dropout.NONE);
      links.add((x, inputs, pass, space) -> norm.forward(x, inputs.segments().firstToken(), pass, space));
    }
    return new Chain(kernels.memory(), links);
  }
}
