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
  private final ControlTokens control;
  private final RuledDecoder decoder;

  /** @param decoder tells the probability of any token */
  ConstrainedSearch(int place, int maxTokens, DecodingOptions options, ControlTokens control, Demands demands, RuledDecoder decoder) {
    super(place, maxTokens, options, control, PhraseProgress.of(demands.phrases()));
    this.demands = demands;
    this.control = control;
    this.decoder = decoder;
  }

  @Override
  boolean mayEnd(TokenChain tokens) {
    return super.mayEnd(tokens) && tokens.length() >= demands.prefix().length;
  }

  @Override
  String whyNothingIsLeft() {
    return "the rules for next tokens, or the model, do not allow what the translation must hold";
  }

  @Override
  List<Extension> extensions(NextTokens next, int firstRow) {
    if (length() < demands.prefix().length) {
      return forced(demands.prefix()[length()], firstRow);
    }
    if (demands.extent() == Demands.Extent.PREFIX_ALONE) {
      return forced(control.end(), firstRow);
    }
    List<Extension> all = new ArrayList<>(super.extensions(next, firstRow));
    all.removeIf(extension -> control.isEnd(extension.token()) && !mayEnd(live().get(extension.parent()).tokens()));
    Set<Long> there = new HashSet<>();
    all.forEach(extension -> there.add(key(extension.parent(), extension.token())));
    for (int i = 0; i < live().size(); i++) {
      int parent = i;
      live().get(i).tokens().progress().next(token -> {
        if (there.add(key(parent, token))) {
          addTo(all, parent, token, firstRow);
        }
      });
    }
    all.sort(BEST_EXTENSION_FIRST);
    return byTurns(all);
  }

  private static long key(int parent, int token) {
    return (long) parent << Integer.SIZE | token;
  }

  private List<Extension> forced(int token, int firstRow) {
    List<Extension> extensions = new ArrayList<>();
    for (int parent = 0; parent < live().size(); parent++) {
      addTo(extensions, parent, token, firstRow);
    }
    return extensions;
  }

  private void addTo(List<Extension> extensions, int parent, int token, int firstRow) {
    double added = checked(decoder.logProbability(firstRow + parent, token));
    if (added > Double.NEGATIVE_INFINITY) {
      extensions.add(new Extension(parent, token, live().get(parent).logProbability() + added));
    }
  }

  /** @param extensions best first */
  private List<Extension> byTurns(List<Extension> extensions) {
    TreeMap<Integer, List<Extension>> banks = new TreeMap<>();
    for (Extension extension : extensions) {
      PhraseProgress before = live().get(extension.parent()).tokens().progress();
      int met = control.isEnd(extension.token()) ? before.met() : before.followedBy(extension.token()).met();
      banks.computeIfAbsent(met, any -> new ArrayList<>()).add(extension);
    }
    List<Extension> ordered = new ArrayList<>(extensions.size());
    for (int turn = 0; ordered.size() < extensions.size(); turn++) {
      for (List<Extension> bank : banks.descendingMap().values()) {
        if (turn < bank.size()) {
          ordered.add(bank.get(turn));
        }
      }
    }
    return ordered;
  }
}
