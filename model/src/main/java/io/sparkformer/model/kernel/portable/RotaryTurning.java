package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.kernel.Segments;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Turns pairs of elements of queries and keys by angles that grow with the position: Su et al. 2021, section 3.4.2, equation 34, with the
 * pairs of {@link AttentionPositions.Rotary}. An element becomes {@code cosine * element + sine * partner}; the sine is negative for the
 * first of a pair.
 */
final class RotaryTurning {
  private final AttentionPositions.Rotary rotary;
  private final int headWidth;
  /** Of every element of a head the other one of its pair, or itself. */
  private final int[] partners;
  /** Angle of position 1: of the first element of every pair. */
  private final double[] frequencies;

  RotaryTurning(AttentionPositions.Rotary rotary, int headWidth) {
    this.rotary = rotary;
    this.headWidth = headWidth;
    this.partners = new int[headWidth];
    int half = rotary.width() / 2;
    this.frequencies = new double[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = Math.pow(rotary.theta(), -2.0 * i / rotary.width()) / rotary.scaling();
    }
    for (int i = 0; i < headWidth; i++) {
      partners[i] = i < half ? i + half : i < rotary.width() ? i - half : i;
    }
  }

  /**
   * Turns in place.
   *
   * @param rows {@code [tokens, heads * head_width]}
   * @param firstPositions of every sequence, the position of its first token here; null if all are 0
   */
  INDArray turn(INDArray rows, Segments segments, int[] firstPositions) {
    return turn(rows, segments, firstPositions, 1);
  }

  /** The inverse, which is also the transpose: of the gradient of what was turned it makes the gradient of what there was before. */
  INDArray turnBack(INDArray rows, Segments segments) {
    return turn(rows, segments, null, -1);
  }

  private INDArray turn(INDArray rows, Segments segments, int[] firstPositions, int direction) {
    int heads = (int) rows.size(1) / headWidth;
    int half = rotary.width() / 2;
    double[] cosines = new double[(int) rows.length()];
    double[] sines = new double[cosines.length];
    for (int s = 0; s < segments.sentences(); s++) {
      int first = firstPositions == null ? 0 : firstPositions[s];
      for (int token = 0; token < segments.length(s); token++) {
        int row = (segments.start(s) + token) * heads * headWidth;
        for (int i = 0; i < headWidth; i++) {
          double angle = i < rotary.width() ? (first + token) * frequencies[i % half] : 0;
          double cosine = Math.cos(angle);
          double sine = (i < half ? -direction : direction) * Math.sin(angle);
          for (int at = row + i; at < row + heads * headWidth; at += headWidth) {
            cosines[at] = cosine;
            sines[at] = sine;
          }
        }
      }
    }
    long[] shape = {rows.size(0) * heads, headWidth};
    INDArray byHead = rows.reshape('c', shape);
    INDArray partner = Nd4jOps.gatherColumns(byHead, partners, Nd4jOps.temporary(rows.dataType(), shape));
    partner.muli(Nd4jOps.fromHost(sines, rows.dataType(), shape));
    byHead.muli(Nd4jOps.fromHost(cosines, rows.dataType(), shape)).addi(partner);
    return rows;
  }
}
