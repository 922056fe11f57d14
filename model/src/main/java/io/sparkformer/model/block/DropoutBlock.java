package io.sparkformer.model.block;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.Kernels;
import java.util.List;

/**
 * Dropout before a classifier of tokens.
 *
 * @param site number of the dropout
 */
public record DropoutBlock(double rate, int site, Drawing drawing) implements Block {
  @Override
  public List<Parameter> parameters() {
    return List.of();
  }

  @Override
  public BlockMemory memory(PassSize size) {
    return BlockMemory.NONE;
  }

  @Override
  public Node node(Kernels kernels, Weights weights) {
    DropoutKernel dropout = kernels.dropout(new Dropout(rate, drawing.seed(), site));
    return (inputs, pass, space) -> dropout.forward(inputs.x(), inputs.segments().placesOfTokens(), pass, space);
  }
}
