package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Queries, keys and values of packed sequences, or gradients of them.
 *
 * @param q {@code [query tokens, heads * head_width]}
 * @param k {@code [key tokens, key_value_heads * head_width]}
 * @param v as {@code k}
 * @param firstPositions of every sequence, the position of its first query; that of its first key is 0
 */
record ProjectedHeads(INDArray q, Segments segments, INDArray k, INDArray v, Segments keySegments, int[] firstPositions, Pass pass) {
  /** Of the scores of one part, all heads together: 64 MB of float32. */
  private static final long PART_ELEMENTS = 1 << 24;

  /**
   * The end of a part of successive sequences: of one sequence, or of several that have no more scores than {@link #PART_ELEMENTS} with
   * their padding.
   */
  int partEnd(int from, int heads) {
    long queryTime = segments.length(from);
    long keyTime = keySegments.length(from);
    int to = from + 1;
    while (to < segments.sentences()) {
      queryTime = Math.max(queryTime, segments.length(to));
      keyTime = Math.max(keyTime, keySegments.length(to));
      if ((to + 1L - from) * heads * queryTime * keyTime > PART_ELEMENTS) {
        break;
      }
      to++;
    }
    return to;
  }

  /** The sequences {@code from ..< to}, as views. */
  ProjectedHeads part(int from, int to) {
    return new ProjectedHeads(rows(q, segments, from, to), part(segments, from, to), rows(k, keySegments, from, to),
        rows(v, keySegments, from, to), part(keySegments, from, to), Arrays.copyOfRange(firstPositions, from, to), pass);
  }

  static INDArray rows(INDArray rows, Segments segments, int from, int to) {
    return Nd4jOps.rows(rows, segments.start(from), segments.start(to));
  }

  private static Segments part(Segments segments, int from, int to) {
    return Segments.ofLengths(segments.firstToken() + segments.start(from), IntStream.range(from, to).map(segments::length).toArray());
  }
}
