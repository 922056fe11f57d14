package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A decoder whose language model is a table: the distribution after a source and the tokens so far. It keeps the history of every
 * row, so a search that mixes up parents gets other distributions.
 */
final class TableDecoder implements StepDecoder {
  private static final int BEGIN = 0;

  /** Natural-log probabilities [vocabulary] of what follows the tokens (begin token included). */
  interface Table {
    float[] after(List<Integer> source, List<Integer> tokens);
  }

  private record Row(List<Integer> source, List<Integer> tokens) { }

  private final int vocabulary;
  private final int maxLength;
  private final int end;
  private final Table table;
  private List<Row> rows = List.of();
  /** Rows of each step since the start. */
  final List<Integer> rowsOfSteps = new ArrayList<>();

  TableDecoder(int vocabulary, int maxLength, int end, Table table) {
    this.vocabulary = vocabulary;
    this.maxLength = maxLength;
    this.end = end;
    this.table = table;
  }

  @Override
  public int vocabularySize() {
    return vocabulary;
  }

  @Override
  public int maxInput() {
    return maxLength - 1;
  }

  @Override
  public int maxNewTokens(int inputTokens) {
    return maxLength - 1;
  }

  @Override
  public NextTokens start(List<int[]> sources, int k) {
    rows = sources.stream().map(source -> new Row(IntStream.of(source).boxed().toList(), List.of())).toList();
    rowsOfSteps.clear();
    return step(IntStream.generate(() -> BEGIN).limit(sources.size()).toArray(), IntStream.range(0, sources.size()).toArray(), k);
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    rowsOfSteps.add(tokens.length);
    List<Row> newRows = new ArrayList<>();
    int[] ids = new int[tokens.length * k];
    float[] logProbabilities = new float[tokens.length * k];
    float[] ends = new float[tokens.length];
    for (int row = 0; row < tokens.length; row++) {
      Row parent = rows.get(parents[row]);
      List<Integer> history = new ArrayList<>(parent.tokens);
      history.add(tokens[row]);
      newRows.add(new Row(parent.source, history));
      float[] distribution = table.after(parent.source, history);
      List<Integer> order = new ArrayList<>(IntStream.range(0, vocabulary).boxed().toList());
      order.sort((a, b) -> distribution[a] != distribution[b] ? Float.compare(distribution[b], distribution[a]) : a - b);
      for (int rank = 0; rank < k; rank++) {
        ids[row * k + rank] = order.get(rank);
        logProbabilities[row * k + rank] = distribution[order.get(rank)];
      }
      ends[row] = distribution[end];
    }
    rows = newRows;
    return new NextTokens(k, ids, logProbabilities, ends);
  }

  @Override
  public void close() {
    rows = List.of();
  }
}
