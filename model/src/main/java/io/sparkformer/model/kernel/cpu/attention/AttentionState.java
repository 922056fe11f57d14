package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.rows.Masks;

/**
 * Attention between its projections: what one pass reads and writes, and what the backward pass needs of it. Memory grows with the number
 * of tokens, not with its square: of the scores of a query and head, their largest and the sum of their exponentials are kept, whose
 * log-sum-exp is {@code largest - log(inverse)}.
 *
 * @param q {@code [query tokens, heads * head_width]}
 * @param k {@code [memory tokens, key_value_heads * head_width]}
 * @param v like {@code k}
 * @param bias what positions add to scores; null for nothing
 * @param context {@code [query tokens, heads * head_width]}: the result
 * @param largest {@code [heads, query tokens]}: the largest score of every query; null in inference
 * @param inverse {@code [heads, query tokens]}: 1 over the sum of the exponentials of the scores' distances from it; null in inference
 */
record AttentionState(AttentionTiles tiles, Masks masks, Matrix q, Matrix k, Matrix v, DistanceBias bias, Matrix context, Matrix largest,
    Matrix inverse) {
  /** Some heads of some rows of queries of a sentence. */
  HeadRows ofQueries(Matrix matrix, int sentence, int from, int to, int firstHead, int endHead) {
    return of(matrix, tiles.queries(), sentence, from, to, firstHead, endHead);
  }

  /** Some heads of some rows of keys or values of a sentence. */
  HeadRows ofKeys(Matrix matrix, int sentence, int from, int to, int firstHead, int endHead) {
    return of(matrix, tiles.memory(), sentence, from, to, firstHead, endHead);
  }

  private HeadRows of(Matrix matrix, Segments segments, int sentence, int from, int to, int firstHead, int endHead) {
    int start = segments.start(sentence);
    int width = tiles.config().headWidth();
    return new HeadRows(matrix.rows(start + from, start + to).columns(firstHead * width, endHead * width), width);
  }

  /** Scores of scaled products need no more scaling if a bias was added. */
  float scale() {
    return bias == null ? (float) tiles.config().scale() : 1;
  }

  /** What dropout's hash starts from, for the queries {@code [from, to)} of a sentence. */
  void dropoutKeys(int sentence, int from, int to, int[] keys) {
    for (int i = from; masks.applies() && i < to; i++) {
      keys[i - from] = masks.key(tiles.queries().start(sentence) + i);
    }
  }
}
