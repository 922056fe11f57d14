package io.sparkformer.model.block;

import io.sparkformer.model.kernel.Weight;

/** The parameters of a network by name. */
@FunctionalInterface
public interface Weights {
  /** @throws IllegalArgumentException when there is no such parameter */
  Weight weight(String name);

  /** The parameter, or null if it is not wanted. */
  default Weight weightIf(boolean wanted, String name) {
    return wanted ? weight(name) : null;
  }
}
