package io.sparkformer.model.block;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.PoolingKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * One row for each sequence: its first token's, through a product and an activation (BERT's pooler), with dropout:
 * {@code [tokens, width]} to {@code [sequences, width]}.
 *
 * @param name of the parameters, as in {@code pooler}
 * @param activation after the product; null for neither
 * @param site number of its dropout
 */
public record PoolerBlock(String name, Activation activation, int width, double dropout, int site, Drawing drawing) implements Block {
  @Override
  public List<Parameter> parameters() {
    return activation == null ? List.of() : List.of(drawing.matrix(name + ".weight", width, width), Drawing.zeros(name + ".bias", width));
  }

  @Override
  public BlockMemory memory(PassSize size) {
    long rows = PassSize.floats(size.sequences(), width) + size.operand(size.sequences(), width);
    return new BlockMemory(4 * rows, 4 * rows);
  }

  @Override
  public Node node(Kernels kernels, Weights weights) {
    PoolingKernel pooling = kernels.pooling(PoolingKernel.Kind.FIRST);
    List<Chain.Link> links = new ArrayList<>();
    links.add((x, inputs, pass, space) -> pooling.forward(x, inputs.segments(), pass, space));
    if (activation != null) {
      DenseKernel dense = kernels.dense(weights.weight(name + ".weight"), weights.weight(name + ".bias"), activation);
      links.add((x, inputs, pass, space) -> dense.forward(x, pass, space));
    }
    if (dropout > 0) {
      DropoutKernel drop = kernels.dropout(new Dropout(dropout, drawing.seed(), site));
      // A sequence's place in the global batch is not known here; that of its batch's first token tells batches apart.
      links.add((x, inputs, pass, space) -> drop.forward(x, inputs.segments().firstToken(), pass, space));
    }
    return new Chain(kernels.memory(), links);
  }
}
