package io.sparkformer.model.kernel.cpu.rows;

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
public record Masks(Dropout dropout, boolean applies, long step, long firstToken, int threshold, float scale) {
  /** The masks of a pass; {@code firstToken} is the place of row 0 in the global batch. */
  public static Masks of(Dropout dropout, Pass pass, long firstToken) {
    return dropout.applies(pass)
        ? new Masks(dropout, true, pass.step(), firstToken, dropout.threshold(), dropout.scale())
        : new Masks(dropout, false, 0, firstToken, 0, 1);
  }

  /** The hash input of a row's element 0. */
  public int key(int row) {
    return dropout.rowKey(step, firstToken + row);
  }

  /** The bits of {@link #scale}, for loops that choose between it and 0. */
  public int scaleBits() {
    return Float.floatToRawIntBits(scale);
  }
}
