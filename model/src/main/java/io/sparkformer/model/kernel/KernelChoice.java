package io.sparkformer.model.kernel;

/** Which implementation of the kernels a run asks for. */
public enum KernelChoice {
  /** The fastest that a task has: CUDA where it was given a device, else the CPU's where they run. */
  AUTO,
  /** ND4J's operations, on any backend. */
  PORTABLE,
  /** oneDNN and the Vector API; a run fails where they are missing. */
  CPU,
  /** An NVIDIA device; a run fails where a task has none. */
  CUDA;

  /** Whether a device is used where there is one. */
  public boolean takesDevices() {
    return this == AUTO || this == CUDA;
  }
}
