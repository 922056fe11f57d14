package io.sparkformer.model.block;

import java.util.List;

/** What has parameters. */
public interface Parameterized {
  /** What is read and trained, in the order of the flat array. */
  List<Parameter> parameters();

  /** How first values are drawn. */
  Drawing drawing();

  /** The memory that training on a micro-batch takes. */
  BlockMemory memory(PassSize size);

  /** Weights of which products may keep a copy of their own: matrices, but no tables that are only looked up. */
  default long productWeights() {
    return parameters().stream().filter(parameter -> parameter.shape().length == 2).mapToLong(Parameter::length).sum();
  }
}
