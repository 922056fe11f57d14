package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Pass;

/**
 * Dropout in one pass, as the kernels take it.
 *
 * @param key of the pass
 * @param threshold hashes below it are dropped; 0: nothing is
 * @param scale of what is kept
 */
record Drops(long key, int threshold, float scale) {
  private static final Drops NONE = new Drops(0, 0, 1);

  static Drops of(Dropout dropout, Pass pass) {
    return dropout.applies(pass) ? new Drops(dropout.passKey(pass.step()), dropout.threshold(), dropout.scale()) : NONE;
  }

  static Drops none() {
    return NONE;
  }
}
