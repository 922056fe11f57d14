package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The beam of one sentence: its unfinished hypotheses, and the best finished ones. The rules are those of {@link BeamSearch}. */
class SentenceSearch implements SentenceBeam {

  static final Comparator<Extension> BEST_EXTENSION_FIRST = Comparator.comparingDouble(Extension::logProbability).reversed()
      .thenComparingInt(Extension::token).thenComparingInt(Extension::parent);
  static final Comparator<Hypothesis> BEST_HYPOTHESIS_FIRST = Comparator.comparingDouble(Hypothesis::score).reversed()
      .thenComparing(Hypothesis::tokens, SentenceSearch::shorterFirst);

  /** An unfinished hypothesis; row is its parent's row in the step before. */
  record Live(TokenChain tokens, double logProbability, int row) { }

  /** Live hypothesis {@code parent} followed by a token. */
  record Extension(int parent, int token, double logProbability) { }

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
    this(place, maxTokens, options, control, PhraseProgress.NONE);
  }

  SentenceSearch(int place, int maxTokens, DecodingOptions options, ControlTokens control, PhraseProgress progress) {
    this.place = place;
    this.maxTokens = maxTokens;
    this.options = options;
    this.control = control;
    this.kept = options.rules() == SearchRules.GNMT ? options.nBest() : options.beam();
    this.live = List.of(new Live(TokenChain.root(progress), 0.0, place));
  }

  @Override
  public boolean done() {
    return live.isEmpty();
  }

  @Override
  public int rows() {
    return live.size();
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
    int row = firstRow;
    for (Live hypothesis : live) {
      tokens[row] = hypothesis.tokens.newest();
      parents[row] = hypothesis.row;
      row++;
    }
    return row;
  }

  @Override
  public int extend(StepDecoder decoder, NextTokens next, int firstRow) {
    int rowAfter = firstRow + live.size();
    if (length == maxTokens && options.rules() == SearchRules.GNMT) {
      finishAll(decoder, next, firstRow);
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
      TokenChain before = live.get(extension.parent).tokens;
      int row = firstRow + extension.parent;
      if (!control.isEnd(extension.token)) {
        staying.add(new Live(before.followedBy(extension.token, decoder.attention(row)), extension.logProbability, row));
      } else if (rank < options.beam()) {
        finish(before, decoder.attention(row), extension.logProbability, before.length() + 1);
      }
    }
    length++;
    live = staying;
    appended(staying);
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
    double best = extensions.stream().mapToDouble(Extension::logProbability).max().orElseThrow();
    double worst = finished.get(finished.size() - 1).score();
    return switch (options.earlyStop()) {
      case AT_ENOUGH -> true;
      case AT_BETTER -> worst >= best / divisor(length);
      case AT_BEST -> worst >= best / divisor(maxTokens);
    };
  }

  /** At the longest allowed length: hypotheses end without an end token, or with one that costs nothing. */
  private void cutAll(List<Live> hypotheses) {
    for (Live hypothesis : hypotheses) {
      if (mayEnd(hypothesis.tokens)) {
        finish(hypothesis.tokens, null, hypothesis.logProbability, maxTokens);
      }
    }
    live = List.of();
  }

  private double divisor(int lengthWithEnd) {
    return options.penalty().divisor(lengthWithEnd, options.lengthPenalty());
  }

  /** The possible extensions of the unfinished hypotheses, as many as may be needed, in the order in which they are taken. */
  List<Extension> extensions(NextTokens next, int firstRow) {
    int most = Math.min(next.k(), candidates());
    List<Extension> extensions = new ArrayList<>(live.size() * most);
    for (int parent = 0; parent < live.size(); parent++) {
      int usable = 0;
      for (int rank = 0; rank < next.k() && usable < most; rank++) {
        int token = next.token(firstRow + parent, rank);
        double added = checked(next.logProbability(firstRow + parent, rank)) - penalty(token);
        if (added > Double.NEGATIVE_INFINITY && !control.suppressed().contains(token)) {
          extensions.add(new Extension(parent, token, live.get(parent).logProbability + added));
          usable++;
        }
      }
    }
    extensions.sort(BEST_EXTENSION_FIRST);
    return extensions;
  }

  /** Hypotheses have just got a token each. */
  void appended(List<Live> hypotheses) {
    // Groups of a beam tell each other.
  }

  /** Extensions of a hypothesis that may be needed. */
  int candidates() {
    return options.beam() + control.ends();
  }

  /** What the log-probability of a token loses here. */
  double penalty(int token) {
    return 0;
  }

  /** Whether a text holds what it must hold. */
  boolean mayEnd(TokenChain tokens) {
    return tokens.progress().isComplete();
  }

  List<Live> live() {
    return live;
  }

  int length() {
    return length;
  }

  /** At the longest allowed length: every unfinished hypothesis ends here. */
  private void finishAll(StepDecoder decoder, NextTokens next, int firstRow) {
    for (int parent = 0; parent < live.size(); parent++) {
      double added = checked(next.endLogProbability(firstRow + parent)) - penalty(control.end());
      TokenChain tokens = live.get(parent).tokens;
      if (added > Double.NEGATIVE_INFINITY && mayEnd(tokens)) {
        finish(tokens, decoder.attention(firstRow + parent), live.get(parent).logProbability + added, tokens.length() + 1);
      }
    }
    live = List.of();
  }

  /** @param ofEnd what the network attended to when the end token was chosen; null for none */
  private void finish(TokenChain tokens, float[] ofEnd, double logProbability, int lengthWithEnd) {
    float[][] attention = tokens.attentionOfAll(ofEnd);
    double score = logProbability / divisor(lengthWithEnd);
    if (options.coveragePenalty() > 0) {
      if (attention == null) {
        throw new IllegalStateException("A coverage penalty needs a decoder that watches its attention to the source");
      }
      score += options.coveragePenalty() * CoveragePenalty.of(attention);
    }
    finished.add(new Hypothesis(tokens.toArray(), logProbability, score, attention));
    finished.sort(BEST_HYPOTHESIS_FIRST);
    if (finished.size() > kept) {
      finished.remove(kept);
    }
  }

  /** Whether nothing that this hypothesis can become will stand among the n best; a coverage penalty only lowers what it becomes. */
  private boolean hopeless(Live hypothesis) {
    return finished.size() == kept
        && hypothesis.logProbability / divisor(maxTokens + 1) < finished.get(finished.size() - 1).score();
  }

  /** Greedy search goes where the most probable token leads, and no further. */
  boolean greedyIsDone() {
    return options.beam() == 1 && !finished.isEmpty();
  }

  double checked(float logProbability) {
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
