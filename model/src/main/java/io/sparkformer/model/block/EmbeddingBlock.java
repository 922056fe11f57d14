package io.sparkformer.model.block;

import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The start of a stack: token ids to {@code [tokens, width]}.
 *
 * @param stack name of the stack: {@code encoder} or {@code decoder}
 * @param site number of its dropout
 */
public record EmbeddingBlock(String stack, EmbeddingConfig config, int vocabulary, int width, int maxLength, int site, Drawing drawing)
    implements Block {
  @Override
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(drawing.table(config.table(), vocabulary, width, config.paddingId()));
    if (config.positions() instanceof EmbeddingPositions.Learned learned) {
      parameters.add(drawing.table(positions(), learned.rows(), width));
    }
    if (config.tokenTypes() > 0) {
      parameters.add(drawing.table(types(), config.tokenTypes(), width));
    }
    if (config.norm() != null) {
      parameters.addAll(Norms.parameters(norm(), config.norm(), width));
    }
    return parameters;
  }

  private String positions() {
    return stack + ".positions.weight";
  }

  private String types() {
    return stack + ".token_types.weight";
  }

  private String norm() {
    return stack + ".embedding_norm";
  }

  @Override
  public BlockMemory memory(PassSize size) {
    // With a norm the sum, the normalized rows, and a number for each.
    return config.norm() == null ? BlockMemory.NONE
        : new BlockMemory(2 * PassSize.floats(size.tokens(), width) + PassSize.floats(size.tokens(), 1),
            PassSize.floats(size.tokens(), width));
  }

  @Override
  public long productWeights() {
    return 0;
  }

  @Override
  public Node node(Kernels kernels, Weights weights) {
    Dropout dropout = new Dropout(config.dropout(), drawing.seed(), site);
    EmbeddingWeights tables = new EmbeddingWeights(weights.weight(config.table()),
        weights.weightIf(config.positions() instanceof EmbeddingPositions.Learned, positions()),
        weights.weightIf(config.tokenTypes() > 0, types()));
    if (config.norm() == null) {
      return new Running(kernels.memory(), kernels.embedding(tables, config, maxLength, dropout), null);
    }
    return new Running(kernels.memory(), kernels.embedding(tables, config, maxLength, Dropout.NONE),
        kernels.norm(Norms.weights(norm(), config.norm(), weights), config.norm(), dropout));
  }

  /** @param norm of the sum; null for none */
  private record Running(Memory memory, EmbeddingKernel embedding, NormKernel norm) implements Node {
    @Override
    public Forward forward(Inputs inputs, Pass pass, Space space) {
      return forward(inputs, null, pass, space);
    }

    @Override
    public INDArray extend(Inputs inputs, DecodingState state, Space space) {
      return forward(inputs, state.positions(), Pass.INFERENCE, space).output();
    }

    private Forward forward(Inputs inputs, int[] firstPositions, Pass pass, Space space) {
      if (norm == null) {
        return embedding.forward(inputs.x(), inputs.other(), inputs.segments(), firstPositions, pass, space);
      }
      Forward sum = embedding.forward(inputs.x(), inputs.other(), inputs.segments(), firstPositions, pass, memory);
      Forward normalized = norm.forward(sum.output(), inputs.segments().firstToken(), pass, space);
      return pass.isTraining() ? new Forward(normalized.output(), back(sum.backward(), normalized.backward()))
          : Forward.inference(normalized.output());
    }

    private Backward back(Backward ofSum, Backward ofNorm) {
      return (gradient, space) -> {
        long mark = memory.mark();
        INDArray[] none = ofSum.run(ofNorm.run(gradient, memory)[0], space);
        memory.release(mark);
        return none;
      };
    }
  }
}
