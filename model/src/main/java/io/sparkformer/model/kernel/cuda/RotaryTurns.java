package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;

/** Turns queries and keys by their positions; cosines and sines come from the host's double precision. */
final class RotaryTurns {
  private static final int FIRST_POSITIONS = 64;

  private final CudaEngine engine;
  private final AttentionPositions.Rotary rotary;
  private final int headWidth;
  /** Positions that the tables have. */
  private int positions;
  private long cosines;
  private long sines;

  RotaryTurns(CudaEngine engine, AttentionPositions.Rotary rotary, int headWidth) {
    this.engine = engine;
    this.rotary = rotary;
    this.headWidth = headWidth;
  }

  /**
   * Turns heads in place.
   *
   * @param rows {@code [tokens, heads * head_width]}
   * @param firstPositions of every sequence, the position of its first token here; null if all are 0
   * @param direction 1, or -1 for the inverse, which makes gradients of what there was before of those of what was turned
   */
  void turn(Call call, DeviceMatrix rows, Segments segments, int[] firstPositions, int direction) {
    int[] places = new int[segments.tokens()];
    int last = 0;
    for (int s = 0; s < segments.sentences(); s++) {
      int first = firstPositions == null ? 0 : firstPositions[s];
      for (int i = 0; i < segments.length(s); i++) {
        places[segments.start(s) + i] = first + i;
        last = Math.max(last, first + i);
      }
    }
    grow(last + 1);
    int heads = (int) rows.columns() / headWidth;
    int pairs = rotary.width() / 2;
    engine.forRows(engine.kernel("rotary", "turn"), rows.rows(), (long) heads * pairs, 0, rows.address(), rows.stride(),
        call.upload(places), cosines, sines, heads, headWidth, pairs, (float) direction);
  }

  /** Makes tables of at least so many positions. */
  private void grow(int needed) {
    if (needed <= positions) {
      return;
    }
    positions = Math.max(FIRST_POSITIONS, Integer.highestOneBit(needed - 1) * 2);
    int pairs = rotary.width() / 2;
    float[] cosine = new float[positions * pairs];
    float[] sine = new float[positions * pairs];
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < pairs; i++) {
        double angle = position * Math.pow(rotary.theta(), -2.0 * i / rotary.width()) / rotary.scaling();
        cosine[position * pairs + i] = (float) Math.cos(angle);
        sine[position * pairs + i] = (float) Math.sin(angle);
      }
    }
    cosines = engine.constant(cosine);
    sines = engine.constant(sine);
  }
}
