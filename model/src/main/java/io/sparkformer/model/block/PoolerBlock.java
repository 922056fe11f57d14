package io.sparkformer.model.block;

import io.sparkformer.model.config.HeadConfig;
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
 * @param config says the activation after the product (null for neither) and what is dropped before and after it
 * @param site number of its dropout; that of its input has the next one
 */
public record PoolerBlock(String name, HeadConfig.SequenceClass config, int width, int site, Drawing drawing) implements Block {
  @Override
  public List<Parameter> parameters() {
    return config.pooler() == null ? List.of()
        : List.of(drawing.matrix(name + ".weight", width, width), Drawing.zeros(name + ".bias", width));
  }

  @Override
  public BlockMemory memory(PassSize size) {
    long rows = PassSize.floats(size.sequences(), width) + size.operand(size.sequences(), width);
    return new BlockMemory(5 * rows, 5 * rows);
  }

  /** How many places of it drop out. */
  public static int sites(HeadConfig.SequenceClass head) {
    return head.inputDropout() > 0 ? 2 : 1;
  }

  @Override
  public Node node(Kernels kernels, Weights weights) {
    PoolingKernel pooling = kernels.pooling(PoolingKernel.Kind.FIRST);
    List<Chain.Link> links = new ArrayList<>();
    links.add((x, inputs, pass, space) -> pooling.forward(x, inputs.segments(), pass, space));
    addDropout(links, kernels, config.inputDropout(), site + 1);
    if (config.pooler() != null) {
      DenseKernel dense = kernels.dense(weights.weight(name + ".weight"), weights.weight(name + ".bias"), config.pooler());
      links.add((x, inputs, pass, space) -> dense.forward(x, pass, space));
    }
    addDropout(links, kernels, config.dropout(), site);
    return new Chain(kernels.memory(), links);
  }

  private void addDropout(List<Chain.Link> links, Kernels kernels, double rate, int place) {
    if (rate > 0) {
      DropoutKernel drop = kernels.dropout(new Dropout(rate, drawing.seed(), place));
      links.add((x, inputs, pass, space) -> drop.forward(x, inputs.segments().placesOfSequences(), pass, space));
    }
  }
}
