package io.sparkformer.model.kernel.cpu;

/** What an {@link Operand} holds: it decides how values are rounded. */
enum Role {
  ACTIVATION,
  GRADIENT
}
