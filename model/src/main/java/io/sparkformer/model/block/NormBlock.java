package io.sparkformer.model.block;

import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.NormKernel;
import java.util.List;

/**
 * The norm at the end of a stack, with dropout after it.
 *
 * @param name of the norm, as in {@code encoder.norm}
 * @param site number of its dropout
 */
public record NormBlock(String name, NormConfig config, int width, double dropout, int site, Drawing drawing) implements Block {
  @Override
  public List<Parameter> parameters() {
    return Norms.parameters(name, config, width);
  }

  @Override
  public BlockMemory memory(PassSize size) {
    return new BlockMemory(PassSize.floats(size.tokens(), width) + PassSize.floats(size.tokens(), 1), 0);
  }

  @Override
  public Node node(Kernels kernels, Weights weights) {
    NormKernel norm = kernels.norm(Norms.weights(name, config, weights), config, new Dropout(dropout, drawing.seed(), site));
    return (inputs, pass, space) -> norm.forward(inputs.x(), inputs.segments().firstToken(), pass, space);
  }
}
