package io.sparkformer.data.tokenizer;

/**
 * One rule of BPE: where {@code left} and {@code right} stand side by side within a word, {@code result} replaces them.
 *
 * @param left token id
 * @param right token id
 * @param result token id of the joined text; two different pairs may give the same
 */
public record Merge(int left, int right, int result) {

  /** Left and right in one number, ordered by left, then right. */
  long pair() {
    return PairIndex.pair(left, right);
  }
}
