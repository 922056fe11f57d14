package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A decoder whose language model is a table: the distribution after a source and the tokens so far. It keeps the history of every
 * row, so a search that mixes up parents gets other distributions.
 */
final class TableDecoder implements LogitsDecoder {
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
  private final Table attention;
  private List<Row> rows = List.of();
  /** Rows of each step since the start. */
  final List<Integer> rowsOfSteps = new ArrayList<>();

  TableDecoder(int vocabulary, int maxLength, int end, Table table) {
    this(vocabulary, maxLength, end, table, (source, tokens) -> null);
  }

  /** @param attention to the source and its end token when the token behind the tokens is chosen */
  TableDecoder(int vocabulary, int maxLength, int end, Table table, Table attention) {
    this.attention = attention;
    this.vocabulary = vocabulary;
    this.maxLength = maxLength;
    this.end = end;
    this.table = table;
  }

  @Override
  public DecoderLimits limits() {
    return new DecoderLimits(vocabulary, maxLength, false);
  }

  @Override
  public NextTokens start(List<int[]> sources, int k) {
    return best(startLogits(sources), k);
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    return best(stepLogits(tokens, parents), k);
  }

  @Override
  public float[] startLogits(List<int[]> sources) {
    rows = sources.stream().map(source -> new Row(IntStream.of(source).boxed().toList(), List.of())).toList();
    rowsOfSteps.clear();
    return stepLogits(IntStream.generate(() -> BEGIN).limit(sources.size()).toArray(), IntStream.range(0, sources.size()).toArray());
  }

  @Override
  public float[] stepLogits(int[] tokens, int[] parents) {
    rowsOfSteps.add(tokens.length);
    List<Row> newRows = new ArrayList<>();
    float[] logits = new float[tokens.length * vocabulary];
    for (int row = 0; row < tokens.length; row++) {
      Row parent = rows.get(parents[row]);
      List<Integer> history = new ArrayList<>(parent.tokens);
      history.add(tokens[row]);
      newRows.add(new Row(parent.source, history));
      System.arraycopy(table.after(parent.source, history), 0, logits, row * vocabulary, vocabulary);
    }
    rows = newRows;
    return logits;
  }

  @Override
  public float[] attention(int row) {
    return attention.after(rows.get(row).source, rows.get(row).tokens);
  }

  private NextTokens best(float[] distributions, int k) {
    int[] ids = new int[rows.size() * k];
    float[] logProbabilities = new float[rows.size() * k];
    float[] ends = new float[rows.size()];
    for (int row = 0; row < rows.size(); row++) {
      int from = row * vocabulary;
      List<Integer> order = new ArrayList<>(IntStream.range(0, vocabulary).boxed().toList());
      order.sort((a, b) -> distributions[from + a] != distributions[from + b]
          ? Float.compare(distributions[from + b], distributions[from + a]) : a - b);
      for (int rank = 0; rank < k; rank++) {
        ids[row * k + rank] = order.get(rank);
        logProbabilities[row * k + rank] = distributions[from + order.get(rank)];
      }
      ends[row] = distributions[from + end];
    }
    return new NextTokens(k, ids, logProbabilities, ends);
  }

  @Override
  public void close() {
    rows = List.of();
  }
}
