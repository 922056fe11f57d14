package io.sparkformer.model.block;

import java.util.List;

/** What has parameters. */
public interface Parameterized {
  /** What is read and trained, in the order of the flat array. */
  List<Parameter> parameters();

  /** How first values are drawn. */
  Drawing drawing();
}
