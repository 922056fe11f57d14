package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Segments;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Moves between packed rows {@code [tokens, heads * head_width]} and padded heads {@code [sequences * heads, time, head_width]}, where
 * {@code time} is the length of the longest sequence. Padding is zeros.
 */
final class Padding {
  private final Segments segments;
  private final int headWidth;
  private final int time;
  /** Of every padded place, the row of {@code [tokens + 1, ...]} that belongs there; padding takes the last, a row of zeros. */
  private final int[] packedRows;
  /** Of every packed row, its padded place. */
  private final int[] paddedRows;

  Padding(Segments segments, int headWidth) {
    this.segments = segments;
    this.headWidth = headWidth;
    this.time = segments.longest();
    packedRows = new int[segments.sentences() * time];
    paddedRows = new int[segments.tokens()];
    for (int s = 0; s < segments.sentences(); s++) {
      for (int i = 0; i < time; i++) {
        boolean real = i < segments.length(s);
        packedRows[s * time + i] = real ? segments.start(s) + i : segments.tokens();
        if (real) {
          paddedRows[segments.start(s) + i] = s * time + i;
        }
      }
    }
  }

  /** {@code [sequences * heads, time, head_width]}. */
  INDArray toHeads(INDArray rows) {
    long heads = rows.size(1) / headWidth;
    INDArray withZeros = Nd4j.concat(0, rows, Nd4j.zeros(rows.dataType(), 1, rows.size(1)));
    INDArray padded = Nd4jOps.gather(withZeros, packedRows, Nd4jOps.temporary(rows.dataType(), packedRows.length, rows.size(1)));
    return padded.reshape('c', segments.sentences(), time, heads, headWidth).permute(0, 2, 1, 3).dup('c')
        .reshape('c', segments.sentences() * heads, time, headWidth);
  }

  /** Writes the packed rows of heads to {@code rows}; their shape may be any that lies in memory like that of {@link #toHeads}. */
  void toRows(INDArray byHead, INDArray rows) {
    long heads = rows.size(1) / headWidth;
    INDArray padded = byHead.reshape('c', segments.sentences(), heads, time, headWidth).permute(0, 2, 1, 3).dup('c')
        .reshape('c', (long) segments.sentences() * time, rows.size(1));
    Nd4jOps.gather(padded, paddedRows, rows);
  }
}
