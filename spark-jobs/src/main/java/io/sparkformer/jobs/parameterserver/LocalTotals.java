package io.sparkformer.jobs.parameterserver;

import java.nio.ByteBuffer;

/**
 * Totals of one worker's local steps since the last averaging; every worker sends them to the others.
 *
 * @param lossSum sum of the losses of the target tokens that were learned from, in nats
 * @param targetTokens how many
 * @param normSum sum of the norms of the mean gradients, before clipping
 * @param updates made
 * @param skipped updates not made because loss or gradient were not finite
 * @param inARow skipped steps in a row up to now; an averaging does not end the row
 * @param longest most skipped steps in a row
 * @param lastSkipped the step that was skipped last
 * @param lastLoss its mean loss
 * @param lastNorm its gradient's norm
 */
record LocalTotals(double lossSum, long targetTokens, double normSum, long updates, long skipped, int inARow, int longest,
    long lastSkipped, double lastLoss, double lastNorm) {
  static final LocalTotals NONE = new LocalTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  private static final int BYTES = 5 * Double.BYTES + 5 * Long.BYTES;

  LocalTotals afterUpdate(double stepLossSum, long stepTargetTokens, double norm) {
    return new LocalTotals(lossSum + stepLossSum, targetTokens + stepTargetTokens, normSum + norm, updates + 1, skipped, 0, longest,
        lastSkipped, lastLoss, lastNorm);
  }

  LocalTotals afterSkip(long step, double loss, double norm) {
    return new LocalTotals(lossSum, targetTokens, normSum, updates, skipped + 1, inARow + 1, Math.max(longest, inARow + 1), step, loss,
        norm);
  }

  /** What is kept after an averaging: the row of skipped steps and the last of them. */
  LocalTotals afterAveraging() {
    return new LocalTotals(0, 0, 0, 0, 0, inARow, inARow, lastSkipped, lastLoss, lastNorm);
  }

  /** The sums of two workers, without the rows of skipped steps, which belong to a single worker. */
  LocalTotals plus(LocalTotals other) {
    return new LocalTotals(lossSum + other.lossSum, targetTokens + other.targetTokens, normSum + other.normSum, updates + other.updates,
        skipped + other.skipped, 0, 0, 0, 0, 0);
  }

  /** @param optimizerUpdates how many this worker's optimizer has made since training began */
  byte[] toBytes(long optimizerUpdates) {
    return ByteBuffer.allocate(BYTES + Long.BYTES).putLong(optimizerUpdates).putDouble(lossSum).putLong(targetTokens).putDouble(normSum)
        .putLong(updates).putLong(skipped).putLong(longest).putLong(lastSkipped).putDouble(lastLoss).putDouble(lastNorm).array();
  }

  static long optimizerUpdates(byte[] message) {
    return ByteBuffer.wrap(message).getLong();
  }

  static LocalTotals of(byte[] message) {
    ByteBuffer bytes = ByteBuffer.wrap(message).position(Long.BYTES);
    return new LocalTotals(bytes.getDouble(), bytes.getLong(), bytes.getDouble(), bytes.getLong(), bytes.getLong(), 0,
        (int) bytes.getLong(), bytes.getLong(), bytes.getDouble(), bytes.getDouble());
  }
}
