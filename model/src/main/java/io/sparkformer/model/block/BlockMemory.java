package io.sparkformer.model.block;

/**
 * The native memory that a block takes in training, in bytes, beside its parameters, their gradients and its input and output.
 *
 * @param kept from the forward pass to the backward pass
 * @param scratch within the backward pass, on top of what is kept
 */
public record BlockMemory(long kept, long scratch) {
  static final BlockMemory NONE = new BlockMemory(0, 0);
}
