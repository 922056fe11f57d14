package io.sparkformer.data.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * All ways to cut words into pieces: for each word the edges of its lattice, a piece from one byte to another, ordered by where they begin.
 * Edges are found once; later the pieces only become fewer. Words have at most {@link #MOST_BYTES} bytes, so that the sums over all ways
 * stay within the range of doubles.
 */
final class WordLattices {

  static final int MOST_BYTES = 32;

  /** Sums are made for so many parts of the words and then added in order: they do not depend on the number of threads. */
  private static final int PARTS = 16;
  /** About the logarithm of a probability for each byte: what sums are scaled by. */
  private static final double RATE = 2;

  private final WordCounts words;
  private int[] ends;
  private int[] pieces;
  private byte[] from;
  private byte[] to;

  WordLattices(WordCounts words, PieceTrie trie) {
    this.words = words;
    this.ends = new int[words.size()];
    this.pieces = new int[Math.max(16, 4 * words.byteLength())];
    this.from = new byte[pieces.length];
    this.to = new byte[pieces.length];
    int edges = 0;
    for (int word = 0; word < words.size(); word++) {
      int start = words.start(word);
      for (int begin = start; begin < words.end(word); begin++) {
        int node = PieceTrie.ROOT;
        for (int at = begin; at < words.end(word); at++) {
          node = trie.child(node, words.byteAt(at));
          if (node == PieceTrie.NONE) {
            break;
          }
          if (trie.piece(node) != PieceTrie.NONE) {
            if (edges == pieces.length) {
              resize(edges + edges / 2);
            }
            pieces[edges] = trie.piece(node);
            from[edges] = (byte) (begin - start);
            to[edges++] = (byte) (at + 1 - start);
          }
        }
      }
      ends[word] = edges;
    }
    resize(edges);
  }

  private void resize(int edges) {
    pieces = Arrays.copyOf(pieces, edges);
    from = Arrays.copyOf(from, edges);
    to = Arrays.copyOf(to, edges);
  }

  /**
   * Goes on with fewer pieces.
   *
   * @param numbers new number of each piece; {@link PieceTrie#NONE} of those that are gone
   */
  void keep(int[] numbers) {
    int kept = 0;
    int edge = 0;
    for (int word = 0; word < ends.length; word++) {
      for (; edge < ends[word]; edge++) {
        int number = numbers[pieces[edge]];
        if (number != PieceTrie.NONE) {
          pieces[kept] = number;
          from[kept] = from[edge];
          to[kept++] = to[edge];
        }
      }
      ends[word] = kept;
    }
  }

  private int first(int word) {
    return word == 0 ? 0 : ends[word - 1];
  }

  private int length(int word) {
    return words.end(word) - words.start(word);
  }

  /** How often each piece occurs in all words, the mean over all ways to cut them, each as probable as its pieces together. */
  double[] expected(double[] scores, int[] lengths) {
    double[] weights = IntStream.range(0, scores.length).mapToDouble(piece -> Math.exp(scores[piece] + RATE * lengths[piece])).toArray();
    return sums(scores.length, (part, sum) -> {
      double[] before = new double[MOST_BYTES + 1];
      double[] after = new double[MOST_BYTES + 1];
      for (int word = begin(part); word < begin(part + 1); word++) {
        addExpected(word, weights, before, after, sum);
      }
    });
  }

  private void addExpected(int word, double[] weights, double[] before, double[] after, double[] sum) {
    int length = length(word);
    Arrays.fill(before, 0, length + 1, 0);
    Arrays.fill(after, 0, length + 1, 0);
    before[0] = 1;
    for (int edge = first(word); edge < ends[word]; edge++) {
      before[to[edge]] += before[from[edge]] * weights[pieces[edge]];
    }
    double all = before[length];
    if (all == 0) {
      return;
    }
    after[length] = words.count(word) / all;
    for (int edge = ends[word] - 1; edge >= first(word); edge--) {
      double rest = weights[pieces[edge]] * after[to[edge]];
      after[from[edge]] += rest;
      sum[pieces[edge]] += before[from[edge]] * rest;
    }
  }

  /** How often each piece occurs in the most probable cuts of all words (Viterbi). */
  double[] chosen(double[] scores) {
    return sums(scores.length, (part, sum) -> {
      Path path = new Path();
      for (int word = begin(part); word < begin(part + 1); word++) {
        path.find(word, scores, PieceTrie.NONE);
        for (int at = length(word); at > 0; at = from[path.edges[at]]) {
          sum[pieces[path.edges[at]]] += words.count(word);
        }
      }
    });
  }

  /**
   * The pieces of a word's most probable cut.
   *
   * @param without a piece that must not be used; {@link PieceTrie#NONE} for any
   */
  List<Integer> cut(int word, double[] scores, int without) {
    Path path = new Path();
    path.find(word, scores, without);
    List<Integer> cut = new ArrayList<>();
    for (int at = length(word); at > 0; at = from[path.edges[at]]) {
      cut.add(0, pieces[path.edges[at]]);
    }
    return cut;
  }

  /** The most probable way to each byte of a word. */
  private final class Path {
    private final double[] best = new double[MOST_BYTES + 1];
    private final int[] edges = new int[MOST_BYTES + 1];

    void find(int word, double[] scores, int without) {
      Arrays.fill(best, 1, length(word) + 1, Double.NEGATIVE_INFINITY);
      for (int edge = first(word); edge < ends[word]; edge++) {
        double score = best[from[edge]] + scores[pieces[edge]];
        if (score > best[to[edge]] && pieces[edge] != without) {
          best[to[edge]] = score;
          edges[to[edge]] = edge;
        }
      }
    }
  }

  private int begin(int part) {
    return (int) ((long) words.size() * part / PARTS);
  }

  @FunctionalInterface
  private interface Summing {
    void add(int part, double[] sum);
  }

  private static double[] sums(int length, Summing summing) {
    List<double[]> parts = IntStream.range(0, PARTS).parallel().mapToObj(part -> {
      double[] sum = new double[length];
      summing.add(part, sum);
      return sum;
    }).toList();
    double[] sums = new double[length];
    for (double[] part : parts) {
      for (int i = 0; i < length; i++) {
        sums[i] += part[i];
      }
    }
    return sums;
  }
}
