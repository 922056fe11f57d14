package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;

/**
 * The rows that are added to embeddings for positions: computed, learned, or one row of zeros for all.
 *
 * @param values {@code [rows, width]}
 * @param gradient of learned rows; null for none
 * @param maxLength longest sequence
 */
public record PositionTable(EmbeddingPositions positions, Matrix values, Matrix gradient, int maxLength) {
  /** {@code learned} is null unless positions are learned. */
  public static PositionTable of(EmbeddingPositions positions, Weight learned, int maxLength, int width) {
    if (positions instanceof EmbeddingPositions.Learned) {
      return new PositionTable(positions, Matrix.of(learned.value()), Matrix.ofGradient(learned), maxLength);
    }
    if (positions instanceof EmbeddingPositions.Sinusoidal sinusoidal) {
      Matrix values = new Matrix(Floats.allocate((long) maxLength * width), 0, maxLength, width, width);
      values.bytes().asFloatBuffer().put(sinusoidal.table(maxLength, width));
      return new PositionTable(positions, values, null, maxLength);
    }
    return new PositionTable(positions, Matrix.zeros(1, width), null, maxLength);
  }

  /**
   * The row of {@link #values} for every token.
   *
   * @param firstPositions of every sequence; null if all are 0
   */
  public int[] rows(Segments segments, int[] firstPositions) {
    int[] rows = new int[segments.tokens()];
    for (int s = 0; s < segments.sentences(); s++) {
      int first = firstPositions == null ? 0 : firstPositions[s];
      check(first, segments.length(s));
      for (int i = 0; i < segments.length(s); i++) {
        rows[segments.start(s) + i] = row(first + i);
      }
    }
    return rows;
  }

  private int row(int position) {
    if (positions instanceof EmbeddingPositions.Learned learned) {
      return learned.offset() + position;
    }
    return positions instanceof EmbeddingPositions.Sinusoidal ? position : 0;
  }

  private void check(int first, int length) {
    int end = first + length;
    if (first == 0 && length > maxLength) {
      throw new IllegalArgumentException("A sentence of %d tokens is longer than model.max-length = %d; drop it or raise the limit"
          .formatted(length, maxLength));
    }
    if (end > maxLength) {
      throw new IllegalArgumentException("Position %d is not below model.max-length = %d".formatted(end - 1, maxLength));
    }
    if (length > 0 && row(end - 1) >= values.rows()) {
      throw new IllegalArgumentException("Position %d needs row %d of the learned positions, which have %d rows; lower model.max-length"
          .formatted(end - 1, row(end - 1), values.rows()));
    }
  }
}
