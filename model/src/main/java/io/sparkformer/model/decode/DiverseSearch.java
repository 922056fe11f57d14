package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Diverse beam search of one sentence: Vijayakumar et al. 2018, "Diverse Beam Search for Improved Description of Complex Scenes", with
 * Hamming diversity. The beam is divided into groups that search one after another; at every step a token loses {@code diversity} for each
 * hypothesis of the groups before that it was just appended to. As in Hugging Face's {@code generate}, what is lost stays lost in the
 * hypothesis's log-probability.
 */
final class DiverseSearch implements SentenceBeam {
  private final DecodingOptions options;
  private final List<Group> groups = new ArrayList<>();
  /** Of the tokens that the groups before have just appended: to how many hypotheses. */
  private final Map<Integer, Integer> taken = new HashMap<>();
  private boolean isBegun;

  DiverseSearch(int place, int maxTokens, SearchContext context) {
    this.options = context.options();
    SearchContext ofGroup = context.with(options.ofGroup());
    for (int group = 0; group < options.groups(); group++) {
      groups.add(new Group(place, maxTokens, ofGroup));
    }
  }

  private final class Group extends SentenceSearch {
    Group(int place, int maxTokens, SearchContext ofGroup) {
      super(place, maxTokens, ofGroup);
    }

    @Override
    double penalty(int token) {
      return options.diversity() * taken.getOrDefault(token, 0);
    }

    @Override
    int candidates() {
      return super.candidates() + taken.size();
    }

    @Override
    void appended() {
      for (int i = 0; i < rows(); i++) {
        taken.merge(tree().token(node(i)), 1, Integer::sum);
      }
    }

    /** A group of one is a beam, and no greedy search. */
    @Override
    boolean greedyIsDone() {
      return false;
    }
  }

  @Override
  public boolean done() {
    return groups.stream().allMatch(Group::done);
  }

  @Override
  public int rows() {
    return groups.stream().mapToInt(Group::rows).sum();
  }

  @Override
  public int writeRows(int[] tokens, int[] parents, int firstRow) {
    int row = firstRow;
    for (Group group : groups) {
      row = group.writeRows(tokens, parents, row);
    }
    return row;
  }

  @Override
  public int extend(StepDecoder decoder, NextTokens next, int firstRow) {
    taken.clear();
    int row = firstRow;
    for (Group group : groups) {
      if (!group.done()) {
        // All groups begin with the one row that the sentence has.
        row = group.extend(decoder, next, isBegun ? row : firstRow);
      }
    }
    isBegun = true;
    return row;
  }

  @Override
  public List<Hypothesis> best() {
    return groups.stream().flatMap(group -> group.best().stream()).sorted(SentenceSearch.BEST_HYPOTHESIS_FIRST).limit(options.nBest())
        .toList();
  }
}
