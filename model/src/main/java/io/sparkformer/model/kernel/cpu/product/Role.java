package io.sparkformer.model.kernel.cpu.product;

/** What an {@link Operand} holds: it decides how values are rounded. */
public enum Role {
  ACTIVATION,
  GRADIENT
}
