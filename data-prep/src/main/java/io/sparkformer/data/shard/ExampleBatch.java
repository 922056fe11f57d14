package io.sparkformer.data.shard;

import java.util.ArrayList;
import java.util.List;

/**
 * One global batch: the examples of one training step, of all workers together. They are of similar length.
 *
 * @param position place of this batch in the sequence
 * @param examples at least one, all of one kind; the order is part of the sequence
 * @param next place to go on from after this batch; {@code null} after the last batch of a single pass
 */
public record ExampleBatch(BatchPosition position, List<Example> examples, BatchPosition next) {

  /**
   * @throws IllegalArgumentException if there is no example
   */
  public ExampleBatch {
    examples = List.copyOf(examples);
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("A batch has at least one example: " + position);
    }
  }

  /**
   * Epoch of this batch; from 0.
   */
  public int epoch() {
    return position.epoch();
  }

  /**
   * Tokens of a column as the network sees them.
   */
  public int tokens(int column) {
    return examples.stream().mapToInt(example -> example.tokens(column)).sum();
  }

  /**
   * The examples, as objects of their own type.
   *
   * @throws ClassCastException if they are of another kind
   */
  public <E extends Example> List<E> examples(Class<E> type) {
    return examples.stream().map(type::cast).toList();
  }

  /**
   * Cuts the batch into contiguous parts of about equal work: tokens of all columns. Put together again in order, the parts are
   * the batch. If there are fewer examples than parts, the last parts are empty; otherwise none is.
   *
   * @param parts number of parts; positive
   * @return [parts] lists
   */
  public List<List<Example>> split(int parts) {
    if (parts <= 0) {
      throw new IllegalArgumentException("Invalid parts: " + parts + " (must be > 0)");
    }
    long[] tokensBefore = new long[examples.size() + 1];
    for (int i = 0; i < examples.size(); i++) {
      tokensBefore[i + 1] = tokensBefore[i] + tokens(examples.get(i));
    }
    List<List<Example>> split = new ArrayList<>(parts);
    int begin = 0;
    for (int part = 0; part < parts; part++) {
      int end = end(tokensBefore, begin, part, parts);
      split.add(examples.subList(begin, end));
      begin = end;
    }
    return split;
  }

  private static long tokens(Example example) {
    long tokens = 0;
    for (int column = 0; column < example.ids().length; column++) {
      tokens += example.tokens(column);
    }
    return tokens;
  }

  /** Where the part ends: next to its share of the tokens, but leaving at least one example for it and for each later part. */
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
