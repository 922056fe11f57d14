package io.sparkformer.model.block;

import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.Weight;
import java.util.ArrayList;
import java.util.List;

/** The last product of a head, its softmax and its loss. What comes before it (transform, pooler) are blocks of their own. */
public record HeadBlock(HeadConfig config, int vocabulary, int width, Drawing drawing) implements Parameterized {
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

  /** The head over weights, with a kernel of its own. */
  public HeadNode node(Kernels kernels, Weights weights) {
    Weight table = weights.weight(weightName());
    if (config instanceof HeadConfig.Vocabulary head) {
      Weight bias = weights.weightIf(head.bias() != HeadConfig.Vocabulary.Bias.NONE, biasName());
      Weight used = head.bias() == HeadConfig.Vocabulary.Bias.FROZEN ? new Weight(bias.value(), null) : bias;
      return new HeadNode.Classes(kernels.output(new OutputWeights(table, used), head.scale(), head.labelSmoothing()));
    }
    OutputWeights output = new OutputWeights(table, weights.weight(biasName()));
    return config instanceof HeadConfig.Span ? new HeadNode.Spans(kernels.span(output))
        : new HeadNode.Classes(kernels.output(output, 1, 0));
  }
}
