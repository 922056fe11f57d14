package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The beam of one sentence: its unfinished hypotheses, and the best finished ones. The rules are those of {@link BeamSearch}. A step
 * allocates nothing but the hypotheses that it finishes.
 */
class SentenceSearch implements SentenceBeam {

  static final Comparator<Hypothesis> BEST_HYPOTHESIS_FIRST = Comparator.comparingDouble(Hypothesis::score).reversed()
      .thenComparing(Hypothesis::tokens, SentenceSearch::shorterFirst);

  private final int place;
  private final int maxTokens;
  private final SearchContext context;
  private final DecodingOptions options;
  private final TokenTree tree = new TokenTree();
  private Live live;
  private Live staying;
  private int length;
  /** How many finished hypotheses are kept: by Hugging Face's rules the search ends when there are as many as the beam is wide. */
  private final int kept;
  /** The best finished hypotheses, best first. */
  private final List<Hypothesis> finished = new ArrayList<>();

  /** Unfinished hypotheses, best first. */
  private static final class Live {
    /** In the tree. */
    private final int[] nodes;
    private final double[] logProbabilities;
    /** Of each, its parent's row in the step before. */
    private final int[] rows;
    private int size;

    Live(int most) {
      nodes = new int[most];
      logProbabilities = new double[most];
      rows = new int[most];
    }

    void add(int node, double logProbability, int row) {
      nodes[size] = node;
      logProbabilities[size] = logProbability;
      rows[size] = row;
      size++;
    }
  }

  SentenceSearch(int place, int maxTokens, SearchContext context) {
    this.place = place;
    this.maxTokens = maxTokens;
    this.context = context;
    this.options = context.options();
    this.kept = options.rules() == SearchRules.GNMT ? options.nBest() : options.beam();
    this.live = new Live(options.beam());
    this.staying = new Live(options.beam());
    live.add(0, 0.0, place);
  }

  @Override
  public boolean done() {
    return live.size == 0;
  }

  @Override
  public int rows() {
    return live.size;
  }

  @Override
  public List<Hypothesis> best() {
    if (finished.isEmpty()) {
      throw new IllegalStateException("sentence " + place + " of the batch: every continuation has probability 0 after " + length
          + " tokens; " + whyNothingIsLeft());
    }
    return List.copyOf(finished.subList(0, Math.min(options.nBest(), finished.size())));
  }

  /** Why a search may have ended without a finished hypothesis. */
  String whyNothingIsLeft() {
    return options.tokenRules().areNone() ? "the model's parameters are damaged" : "the rules for next tokens allow none of them";
  }

  @Override
  public int writeRows(int[] tokens, int[] parents, int firstRow) {
    for (int i = 0; i < live.size; i++) {
      tokens[firstRow + i] = tree.token(live.nodes[i]);
      parents[firstRow + i] = live.rows[i];
    }
    return firstRow + live.size;
  }

  @Override
  public int extend(StepDecoder decoder, NextTokens next, int firstRow) {
    int rowAfter = firstRow + live.size;
    if (length == maxTokens && options.rules() == SearchRules.GNMT) {
      finishAll(decoder, next, firstRow);
      return rowAfter;
    }
    if (length == maxTokens - 1 && options.rules() == SearchRules.HUGGING_FACE_FORCED_END) {
      cutAll();
      return rowAfter;
    }
    Extensions extensions = context.extensions();
    extensions.clear(options.beam() * (1 + context.control().ends()));
    collect(extensions, next, firstRow);
    staying.size = 0;
    for (int rank = 0; rank < extensions.size() && staying.size < options.beam(); rank++) {
      int before = node(extensions.parent(rank));
      int row = firstRow + extensions.parent(rank);
      if (!context.control().isEnd(extensions.token(rank))) {
        staying.add(tree.add(before, extensions.token(rank), decoder.attention(row)), extensions.logProbability(rank), row);
      } else if (rank < options.beam()) {
        finish(before, decoder.attention(row), extensions.logProbability(rank), tree.length(before) + 1);
      }
    }
    length++;
    Live done = live;
    live = staying;
    staying = done;
    appended();
    if (greedyIsDone()) {
      live.size = 0;
    } else if (options.rules() == SearchRules.GNMT) {
      removeHopeless();
    } else if (isDoneByBestOf(extensions)) {
      live.size = 0;
    } else if (length == maxTokens) {
      cutAll();
    }
    return rowAfter;
  }

  /**
   * Collects the possible extensions of the unfinished hypotheses, as many as may be needed.
   *
   * @param extensions empty; those of it are taken in its order
   */
  void collect(Extensions extensions, NextTokens next, int firstRow) {
    int most = candidates();
    for (int parent = 0; parent < live.size; parent++) {
      int usable = 0;
      for (int rank = 0; rank < next.k() && usable < most; rank++) {
        int token = next.token(firstRow + parent, rank);
        double added = checked(next.logProbability(firstRow + parent, rank)) - penalty(token);
        if (added > Double.NEGATIVE_INFINITY && !context.suppressed().get(token)) {
          extensions.add(parent, token, live.logProbabilities[parent] + added);
          usable++;
        }
      }
    }
  }

  /** Extensions of a hypothesis that may be needed. */
  int candidates() {
    return options.beam() + context.control().ends();
  }

  /** What the log-probability of a token loses here. */
  double penalty(int token) {
    return 0;
  }

  /** Whether the text of a node holds what it must hold. */
  boolean mayEnd(int node) {
    return true;
  }

  /** Every unfinished hypothesis has just got a token. */
  void appended() {
    // Groups of a beam tell each other.
  }

  /** The node of an unfinished hypothesis. */
  final int node(int hypothesis) {
    return live.nodes[hypothesis];
  }

  final double logProbability(int hypothesis) {
    return live.logProbabilities[hypothesis];
  }

  final TokenTree tree() {
    return tree;
  }

  /** Tokens of the unfinished hypotheses. */
  final int length() {
    return length;
  }

  /** Hugging Face's end of a search: all places are taken, and the best extension would take none. */
  private boolean isDoneByBestOf(Extensions extensions) {
    if (finished.size() < kept || extensions.size() == 0) {
      return false;
    }
    double best = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < extensions.size(); i++) {
      best = Math.max(best, extensions.logProbability(i));
    }
    double worst = finished.get(finished.size() - 1).score();
    return switch (options.earlyStop()) {
      case AT_ENOUGH -> true;
      case AT_BETTER -> worst >= best / divisor(length);
      case AT_BEST -> worst >= best / divisor(maxTokens);
    };
  }

  /** At the longest allowed length: hypotheses end without an end token, or with one that costs nothing. */
  private void cutAll() {
    for (int i = 0; i < live.size; i++) {
      if (mayEnd(node(i))) {
        finish(node(i), null, live.logProbabilities[i], maxTokens);
      }
    }
    live.size = 0;
  }

  /** At the longest allowed length: every unfinished hypothesis ends here. */
  private void finishAll(StepDecoder decoder, NextTokens next, int firstRow) {
    int end = context.control().end();
    for (int i = 0; i < live.size; i++) {
      double added = checked(next.endLogProbability(firstRow + i)) - penalty(end);
      if (added > Double.NEGATIVE_INFINITY && mayEnd(node(i))) {
        finish(node(i), decoder.attention(firstRow + i), live.logProbabilities[i] + added, tree.length(node(i)) + 1);
      }
    }
    live.size = 0;
  }

  private double divisor(int lengthWithEnd) {
    return options.penalty().divisor(lengthWithEnd, options.lengthPenalty());
  }

  /** @param ofEnd what the network attended to when the end token was chosen; null for none */
  private void finish(int node, float[] ofEnd, double logProbability, int lengthWithEnd) {
    float[][] attention = tree.attention(node, ofEnd);
    double score = logProbability / divisor(lengthWithEnd);
    if (options.coveragePenalty() > 0) {
      if (attention == null) {
        throw new IllegalStateException("A coverage penalty needs a decoder that watches its attention to the source");
      }
      score += options.coveragePenalty() * CoveragePenalty.of(attention);
    }
    finished.add(new Hypothesis(tree.path(node), logProbability, score, attention));
    finished.sort(BEST_HYPOTHESIS_FIRST);
    if (finished.size() > kept) {
      finished.remove(kept);
    }
  }

  /** Nothing that these hypotheses can become will stand among the n best; a coverage penalty only lowers what they become. */
  private void removeHopeless() {
    if (finished.size() < kept) {
      return;
    }
    double worst = finished.get(finished.size() - 1).score();
    int before = live.size;
    live.size = 0;
    for (int i = 0; i < before; i++) {
      if (!(live.logProbabilities[i] / divisor(maxTokens + 1) < worst)) {
        live.add(live.nodes[i], live.logProbabilities[i], live.rows[i]);
      }
    }
  }

  /** Greedy search goes where the most probable token leads, and no further. */
  boolean greedyIsDone() {
    return options.beam() == 1 && !finished.isEmpty();
  }

  final double checked(float logProbability) {
    if (Float.isNaN(logProbability)) {
      throw new IllegalStateException("sentence " + place + " of the batch: the network's probabilities after " + length
          + " tokens are not numbers; the model's parameters are damaged");
    }
    return logProbability;
  }

  private static int shorterFirst(int[] left, int[] right) {
    return left.length != right.length ? Integer.compare(left.length, right.length) : Arrays.compare(left, right);
  }
}
