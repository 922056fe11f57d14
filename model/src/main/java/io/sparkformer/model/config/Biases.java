package io.sparkformer.model.config;

/** Which products of a block add a bias. */
public enum Biases {
  /** None. */
  NONE,
  /** The products that read the block's input: of attention the projections of query, key and value. */
  INPUTS,
  /** All of them. */
  ALL;

  public boolean ofInputs() {
    return this != NONE;
  }

  public boolean ofOutputs() {
    return this == ALL;
  }
}
