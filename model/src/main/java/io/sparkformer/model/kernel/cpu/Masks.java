package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Pass;

/**
 * The dropout masks of one pass at one place of the network.
 *
 * @param applies whether anything is dropped
 * @param firstToken place of row 0 in the global batch
 * @param threshold of {@link Dropout#threshold()}
 * @param scale of {@link Dropout#scale()}
 */
record Masks(Dropout dropout, boolean applies, long step, long firstToken, int threshold, float scale) {
  static Masks of(Dropout dropout, Pass pass, long firstToken) {
    return dropout.applies(pass)
        ? new Masks(dropout, true, pass.step(), firstToken, dropout.threshold(), dropout.scale())
        : new Masks(dropout, false, 0, firstToken, 0, 1);
  }

  /** The hash input of a row's element 0. */
  int key(int row) {
    return dropout.rowKey(step, firstToken + row);
  }

  int scaleBits() {
    return Float.floatToRawIntBits(scale);
  }
}
