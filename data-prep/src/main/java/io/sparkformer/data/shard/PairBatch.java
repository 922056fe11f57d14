package io.sparkformer.data.shard;

import java.util.ArrayList;
import java.util.List;

/**
 * One global batch: the pairs of one training step, of all workers together. Its pairs are of similar length.
 *
 * @param position place of this batch in the sequence
 * @param pairs the sentences; at least one; the order is part of the sequence
 * @param next place to go on from after this batch; {@code null} after the last batch of a single pass
 */
public record PairBatch(BatchPosition position, List<SentencePair> pairs, BatchPosition next) {

  /**
   * @throws IllegalArgumentException if there is no pair
   */
  public PairBatch {
    pairs = List.copyOf(pairs);
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("A batch has at least one pair: " + position);
    }
  }

  /**
   * Epoch of this batch; from 0.
   */
  public int epoch() {
    return position.epoch();
  }

  /**
   * Source tokens, each sentence with its end token.
   */
  public int sourceTokens() {
    return pairs.stream().mapToInt(SentencePair::sourceLength).sum();
  }

  /**
   * Target tokens, each sentence with its end token: what the loss is a mean over.
   */
  public int targetTokens() {
    return pairs.stream().mapToInt(SentencePair::targetLength).sum();
  }

  /**
   * Cuts the batch into contiguous parts of about equal work: tokens of both sides. Put together again in order, the parts are
   * the batch. If there are fewer pairs than parts, the last parts are empty; otherwise none is.
   *
   * @param parts number of parts; positive
   * @return [parts] lists
   */
  public List<List<SentencePair>> split(int parts) {
    if (parts <= 0) {
      throw new IllegalArgumentException("Invalid parts: " + parts + " (must be > 0)");
    }
    long[] tokensBefore = new long[pairs.size() + 1];
    for (int i = 0; i < pairs.size(); i++) {
      tokensBefore[i + 1] = tokensBefore[i] + pairs.get(i).sourceLength() + pairs.get(i).targetLength();
    }
    List<List<SentencePair>> split = new ArrayList<>(parts);
    int begin = 0;
    for (int part = 0; part < parts; part++) {
      int end = end(tokensBefore, begin, part, parts);
      split.add(pairs.subList(begin, end));
      begin = end;
    }
    return split;
  }

  /** Where the part ends: next to its share of the tokens, but leaving at least one pair for it and for each later part. */
  private static int end(long[] tokensBefore, int begin, int part, int parts) {
    int size = tokensBefore.length - 1;
    int partsAfter = parts - part - 1;
    if (partsAfter == 0 || begin == size) {
      return size;
    }
    int latest = Math.max(begin + 1, size - partsAfter);
    double share = (double) tokensBefore[size] * (part + 1) / parts;
    int end = begin + 1;
    while (end < latest && share - tokensBefore[end] > tokensBefore[end + 1] - share) {
      end++;
    }
    return end;
  }
}
