package io.sparkformer.model.kernel;

/** Which implementation of the kernels a run asks for. */
public enum KernelChoice {
  /** The fastest that this machine has. */
  AUTO,
  /** ND4J's operations, on any backend. */
  PORTABLE,
  /** oneDNN and the Vector API; a run fails where they are missing. */
  CPU
}
