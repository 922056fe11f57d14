package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The beam of one sentence: its unfinished hypotheses, and the best finished ones. The rules are those of {@link BeamSearch}. */
final class SentenceSearch {

  private static final Comparator<Extension> BEST_EXTENSION_FIRST = Comparator.comparingDouble(Extension::logProbability).reversed()
      .thenComparingInt(Extension::token).thenComparingInt(Extension::parent);
  private static final Comparator<Hypothesis> BEST_HYPOTHESIS_FIRST = Comparator.comparingDouble(Hypothesis::score).reversed()
      .thenComparing(Hypothesis::tokens, SentenceSearch::shorterFirst);

  /** The tokens of an unfinished hypothesis, newest first; the root, before the first one, has none. */
  private record Tokens(Tokens earlier, int newest, int length) {
    int[] toArray() {
      int[] array = new int[length];
      for (Tokens at = this; at.length > 0; at = at.earlier) {
        array[at.length - 1] = at.newest;
      }
      return array;
    }
  }

  /** An unfinished hypothesis; row is its parent's row in the step before. */
  private record Live(Tokens tokens, double logProbability, int row) { }

  /** Live hypothesis {@code parent} followed by a token. */
  private record Extension(int parent, int token, double logProbability) { }

  private final int place;
  private final int maxTokens;
  private final DecodingOptions options;
  private final ControlTokens control;
  private List<Live> live;
  private int length;
  /** How many finished hypotheses are kept: by Hugging Face's rules the search ends when there are as many as the beam is wide. */
  private final int kept;
  /** The best finished hypotheses, best first. */
  private final List<Hypothesis> finished = new ArrayList<>();

  SentenceSearch(int place, int maxTokens, DecodingOptions options, ControlTokens control) {
    this.place = place;
    this.maxTokens = maxTokens;
    this.options = options;
    this.control = control;
    this.kept = options.rules() == SearchRules.GNMT ? options.nBest() : options.beam();
    this.live = List.of(new Live(new Tokens(null, -1, 0), 0.0, place));
  }

  boolean done() {
    return live.isEmpty();
  }

  /** Rows this sentence takes in the next step. */
  int rows() {
    return live.size();
  }

  /** The finished hypotheses, best first. */
  List<Hypothesis> best() {
    if (finished.isEmpty()) {
      throw new IllegalStateException("sentence " + place + " of the batch: every continuation has probability 0 after "
          + length + " tokens; the model's parameters are damaged");
    }
    return List.copyOf(finished.subList(0, Math.min(options.nBest(), finished.size())));
  }

  /** Writes the newest token and the parent row of each unfinished hypothesis from {@code firstRow} on; returns the row after them. */
  int writeRows(int[] tokens, int[] parents, int firstRow) {
    int row = firstRow;
    for (Live hypothesis : live) {
      tokens[row] = hypothesis.tokens.newest;
      parents[row] = hypothesis.row;
      row++;
    }
    return row;
  }

  /** Extends every unfinished hypothesis by one token; its rows in {@code next} start at {@code firstRow}. Returns the row after them. */
  int extend(NextTokens next, int firstRow) {
    int rowAfter = firstRow + live.size();
    if (length == maxTokens && options.rules() == SearchRules.GNMT) {
      finishAll(next, firstRow);
      return rowAfter;
    }
    if (length == maxTokens - 1 && options.rules() == SearchRules.HUGGING_FACE_FORCED_END) {
      cutAll(live);
      return rowAfter;
    }
    List<Extension> extensions = extensions(next, firstRow);
    List<Live> staying = new ArrayList<>(options.beam());
    for (int rank = 0; rank < extensions.size() && staying.size() < options.beam(); rank++) {
      Extension extension = extensions.get(rank);
      Live parent = live.get(extension.parent);
      if (!control.isEnd(extension.token)) {
        Tokens tokens = new Tokens(parent.tokens, extension.token, length + 1);
        staying.add(new Live(tokens, extension.logProbability, firstRow + extension.parent));
      } else if (rank < options.beam()) {
        finish(parent.tokens, extension.logProbability);
      }
    }
    length++;
    live = staying;
    if (greedyIsDone()) {
      live = List.of();
    } else if (options.rules() == SearchRules.GNMT) {
      staying.removeIf(this::hopeless);
    } else if (isDoneByBestOf(extensions)) {
      live = List.of();
    } else if (length == maxTokens) {
      cutAll(staying);
    }
    return rowAfter;
  }

  /** Hugging Face's end of a search: all places are taken, and the best extension would take none. */
  private boolean isDoneByBestOf(List<Extension> extensions) {
    if (finished.size() < kept || extensions.isEmpty()) {
      return false;
    }
    double best = extensions.get(0).logProbability;
    double worst = finished.get(finished.size() - 1).score();
    return switch (options.earlyStop()) {
      case AT_ENOUGH -> true;
      case AT_BETTER -> worst >= best / divisor(length);
      case AT_BEST -> worst >= best / divisor(maxTokens);
    };
  }

  /** At the longest allowed length: hypotheses end without an end token, or with one that costs nothing. */
  private void cutAll(List<Live> hypotheses) {
    hypotheses.forEach(hypothesis -> finish(hypothesis.tokens, hypothesis.logProbability, maxTokens));
    live = List.of();
  }

  private double divisor(int lengthWithEnd) {
    return options.penalty().divisor(lengthWithEnd, options.lengthPenalty());
  }

  /** The possible extensions of all unfinished hypotheses, best first. */
  private List<Extension> extensions(NextTokens next, int firstRow) {
    List<Extension> extensions = new ArrayList<>(live.size() * (options.beam() + 1));
    for (int parent = 0; parent < live.size(); parent++) {
      int usable = 0;
      for (int rank = 0; rank < next.k() && usable < options.beam() + control.ends(); rank++) {
        int token = next.token(firstRow + parent, rank);
        double added = checked(next.logProbability(firstRow + parent, rank));
        if (added > Double.NEGATIVE_INFINITY && !control.suppressed().contains(token)) {
          extensions.add(new Extension(parent, token, live.get(parent).logProbability + added));
          usable++;
        }
      }
    }
    extensions.sort(BEST_EXTENSION_FIRST);
    return extensions;
  }

  /** At the longest allowed length: every unfinished hypothesis ends here. */
  private void finishAll(NextTokens next, int firstRow) {
    for (int parent = 0; parent < live.size(); parent++) {
      double added = checked(next.endLogProbability(firstRow + parent));
      if (added > Double.NEGATIVE_INFINITY) {
        finish(live.get(parent).tokens, live.get(parent).logProbability + added);
      }
    }
    live = List.of();
  }

  private void finish(Tokens tokens, double logProbability) {
    finish(tokens, logProbability, tokens.length + 1);
  }

  private void finish(Tokens tokens, double logProbability, int lengthWithEnd) {
    double score = logProbability / divisor(lengthWithEnd);
    finished.add(new Hypothesis(tokens.toArray(), logProbability, score));
    finished.sort(BEST_HYPOTHESIS_FIRST);
    if (finished.size() > kept) {
      finished.remove(kept);
    }
  }

  /** Whether nothing that this hypothesis can become will stand among the n best. */
  private boolean hopeless(Live hypothesis) {
    return finished.size() == kept
        && hypothesis.logProbability / divisor(maxTokens + 1) < finished.get(finished.size() - 1).score();
  }

  /** Greedy search goes where the most probable token leads, and no further. */
  private boolean greedyIsDone() {
    return options.beam() == 1 && !finished.isEmpty();
  }

  private double checked(float logProbability) {
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
