package io.sparkformer.model.block;

import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.SpanLoss;
import io.sparkformer.model.kernel.SquaredError;
import io.sparkformer.model.kernel.Weight;
import java.util.ArrayList;
import java.util.List;

/** The last product of a head, its softmax and its loss. What comes before it (transform, pooler) are blocks of their own. */
public record HeadBlock(HeadConfig config, int vocabulary, int width, Drawing drawing) implements Parameterized {
  /** Elements of one slab of logits, and the fewest rows of it; see {@code kernel.cpu}. */
  private static final long SLAB_ELEMENTS = 1 << 24;
  private static final long INT8_SLAB_ELEMENTS = 1 << 25;
  private static final long SLAB_ROWS = 256;
  /** Elements of one slab of logits on a device; see {@code kernel.cuda}. */
  private static final long DEVICE_SLAB_ELEMENTS = 1 << 26;
  /** Elements of one block of logits of portable kernels, and arrays of them that they use at once; see {@code kernel.portable}. */
  private static final long PORTABLE_ELEMENTS = 1 << 22;
  private static final long PORTABLE_ARRAYS = 3;

  @Override
  public List<Parameter> parameters() {
    if (config instanceof HeadConfig.Vocabulary head) {
      List<Parameter> parameters = new ArrayList<>();
      parameters.add(drawing.table(head.table(), vocabulary, width));
      if (head.bias() != HeadConfig.Vocabulary.Bias.NONE) {
        parameters.add(Drawing.zeros(biasName(), vocabulary));
      }
      return parameters;
    }
    return List.of(drawing.matrix(weightName(), classes(), width), Drawing.zeros(biasName(), classes()));
  }

  private int classes() {
    if (config instanceof HeadConfig.SequenceClass head) {
      return head.labels();
    }
    return config instanceof HeadConfig.TokenClass head ? head.labels() : 2;
  }

  private String weightName() {
    return config instanceof HeadConfig.Vocabulary head ? head.table() : name() + ".weight";
  }

  private String biasName() {
    return name() + ".bias";
  }

  private String name() {
    if (config instanceof HeadConfig.Vocabulary) {
      return "output";
    }
    return config instanceof HeadConfig.Span ? "span" : "classifier";
  }

  @Override
  public BlockMemory memory(PassSize size) {
    long classes = config instanceof HeadConfig.Vocabulary ? vocabulary : classes();
    if (size.isPortable()) {
      long rows = Math.min(size.tokens(), Math.max(1, PORTABLE_ELEMENTS / classes));
      return new BlockMemory(0, PORTABLE_ARRAYS * PassSize.floats(rows, classes) + 2 * PassSize.floats(size.tokens(), width));
    }
    if (size.isOnDevice()) {
      long rows = Math.min(size.tokens(), Math.max(1, DEVICE_SLAB_ELEMENTS / classes));
      return new BlockMemory(0, size.roundedFloats(rows, classes) + size.roundedFloats(rows, width));
    }
    long elements = size.products() == ProductMemory.INT8 ? INT8_SLAB_ELEMENTS : SLAB_ELEMENTS;
    long rows = Math.min(size.tokens(), Math.max(elements / classes, SLAB_ROWS));
    // Labelled rows are gathered, and their gradients scattered, where some have no label.
    return new BlockMemory(0, size.onlyOperand(rows, classes) + size.operand(size.tokens(), width)
        + 2 * PassSize.floats(size.tokens(), width));
  }

  /** The head over weights, with a kernel of its own. */
  public HeadNode node(Kernels kernels, Weights weights) {
    Weight table = weights.weight(weightName());
    if (config instanceof HeadConfig.Vocabulary head) {
      Weight bias = weights.weightIf(head.bias() != HeadConfig.Vocabulary.Bias.NONE, biasName());
      Weight used = head.bias() == HeadConfig.Vocabulary.Bias.FROZEN ? new Weight(bias.value(), null) : bias;
      return new HeadNode.Classes(kernels.output(new OutputWeights(table, used), head.scale(),
          new LossTerms(head.labelSmoothing(), head.zLoss())));
    }
    OutputWeights output = new OutputWeights(table, weights.weight(biasName()));
    if (config instanceof HeadConfig.SequenceClass head && head.problem() == HeadConfig.SequenceClass.Problem.REGRESSION) {
      return new HeadNode.Scores(kernels.scores(output), (segments, labels) -> new SquaredError(labels.toFloatVector()));
    }
    return config instanceof HeadConfig.Span
        ? new HeadNode.Scores(kernels.scores(output), (segments, labels) -> new SpanLoss(segments, labels.toIntMatrix()))
        : new HeadNode.Classes(kernels.output(output, 1, LossTerms.NONE));
  }
}
