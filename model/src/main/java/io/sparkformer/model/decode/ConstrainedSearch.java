package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * The beam of a sentence whose translation must begin with a prefix, or hold phrases: Post and Vilar 2018, "Fast Lexically Constrained
 * Decoding with Dynamic Beam Allocation for Neural Machine Translation".
 *
 * <p>Besides its most probable extensions a hypothesis has those by the tokens that its phrases want next. Extensions are put into banks by
 * how many tokens of the phrases they hold, and the banks take turns, the fullest first, to give their best one, until the beam is full. So
 * the hypothesis that holds most is never lost, and holds one token more with every step. Only a text that holds everything may end.
 */
final class ConstrainedSearch extends SentenceSearch {
  private final Demands demands;
  private final PhraseProgress beginning;
  private final SearchContext context;
  private final RuledDecoder decoder;

  /** @param decoder tells the probability of any token */
  ConstrainedSearch(int place, int maxTokens, SearchContext context, Demands demands, RuledDecoder decoder) {
    super(place, maxTokens, context);
    this.demands = demands;
    this.beginning = PhraseProgress.of(demands.phrases());
    this.context = context;
    this.decoder = decoder;
  }

  private PhraseProgress progress(int node) {
    PhraseProgress progress = beginning;
    for (int token : tree().path(node)) {
      progress = progress.followedBy(token);
    }
    return progress;
  }

  @Override
  boolean mayEnd(int node) {
    return tree().length(node) >= demands.prefix().length && progress(node).isComplete();
  }

  @Override
  String whyNothingIsLeft() {
    return "the rules for next tokens, or the model, do not allow what the translation must hold";
  }

  @Override
  void collect(Extensions extensions, NextTokens next, int firstRow) {
    if (length() < demands.prefix().length) {
      addToAll(extensions, demands.prefix()[length()], firstRow);
    } else if (demands.extent() == Demands.Extent.PREFIX_ALONE) {
      addToAll(extensions, context.control().end(), firstRow);
    } else {
      // All that there are take part in the turns, not the best of them alone.
      extensions.clear(rows() * (candidates() + 3 * demands.phrases().size()));
      super.collect(extensions, next, firstRow);
      addWanted(extensions, firstRow);
      extensions.reorder(byTurns(extensions));
    }
  }

  private void addToAll(Extensions extensions, int token, int firstRow) {
    for (int parent = 0; parent < rows(); parent++) {
      add(extensions, parent, token, firstRow);
    }
  }

  private void add(Extensions extensions, int parent, int token, int firstRow) {
    double added = checked(decoder.logProbability(firstRow + parent, token));
    if (added > Double.NEGATIVE_INFINITY) {
      extensions.add(parent, token, logProbability(parent) + added);
    }
  }

  /** Adds the tokens that the phrases want next where they are not there. */
  private void addWanted(Extensions extensions, int firstRow) {
    Set<Long> there = new HashSet<>();
    for (int i = 0; i < extensions.size(); i++) {
      there.add(key(extensions.parent(i), extensions.token(i)));
    }
    for (int i = 0; i < rows(); i++) {
      int parent = i;
      progress(node(parent)).next(token -> {
        if (there.add(key(parent, token))) {
          add(extensions, parent, token, firstRow);
        }
      });
    }
  }

  private static long key(int parent, int token) {
    return (long) parent << Integer.SIZE | token;
  }

  /** The order in which the banks give their extensions; those that end too early are left out. */
  private int[] byTurns(Extensions extensions) {
    TreeMap<Integer, List<Integer>> banks = new TreeMap<>();
    int count = 0;
    for (int i = 0; i < extensions.size(); i++) {
      int node = node(extensions.parent(i));
      boolean ends = context.control().isEnd(extensions.token(i));
      if (!ends || mayEnd(node)) {
        PhraseProgress before = progress(node);
        banks.computeIfAbsent(ends ? before.met() : before.followedBy(extensions.token(i)).met(), any -> new ArrayList<>()).add(i);
        count++;
      }
    }
    int[] order = new int[count];
    int filled = 0;
    for (int turn = 0; filled < count; turn++) {
      for (List<Integer> bank : banks.descendingMap().values()) {
        if (turn < bank.size()) {
          order[filled++] = bank.get(turn);
        }
      }
    }
    return order;
  }
}
