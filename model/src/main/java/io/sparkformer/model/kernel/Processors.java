package io.sparkformer.model.kernel;

import java.util.OptionalInt;

/**
 * What a graph may compute on.
 *
 * @param threads of the host, the caller's included
 * @param device number of an NVIDIA device of this machine, as nvidia-smi counts; empty for none
 */
public record Processors(int threads, OptionalInt device) {
  /** The host alone. */
  public static Processors ofHost(int threads) {
    return new Processors(threads, OptionalInt.empty());
  }

  public static Processors withDevice(int threads, int device) {
    return new Processors(threads, OptionalInt.of(device));
  }
}
