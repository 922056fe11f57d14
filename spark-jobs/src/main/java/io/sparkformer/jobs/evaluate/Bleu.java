package io.sparkformer.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * BLEU of a corpus against one reference for each segment (Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine
 * Translation"), with sacreBLEU's defaults: n-grams up to 4, exponential smoothing (the third method of Chen and Cherry 2014),
 * brevity penalty over the whole corpus.
 *
 * <p>Smoothing: the k-th order in a row of orders without any match counts as {@code 1 / 2^k} matches. An order that no hypothesis is
 * long enough for, and a corpus without any matching word, make BLEU 0.
 *
 * @param casing whether case counts
 * @param tokenization how words are found
 */
public record Bleu(Casing casing, WordTokenization tokenization) implements Serializable {

  /** BLEU as papers report it: case counts, tokenization 13a. */
  public static final Bleu STANDARD = new Bleu(Casing.MIXED, WordTokenization.V13A);

  private static final int ORDERS = 4;

  /** What makes two scores comparable: {@code nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:sparkformer-0.1.0}. */
  public String signature() {
    return "nrefs:1|case:" + casing.signature() + "|eff:no|tok:" + tokenization.signature() + "|smooth:exp|version:"
        + MetricVersion.TEXT;
  }

  /** The statistics of one segment; either side may be empty. */
  public BleuStatistics statistics(String hypothesis, String reference) {
    List<String> hypothesisWords = tokenization.tokenize(casing.apply(hypothesis));
    List<String> referenceWords = tokenization.tokenize(casing.apply(reference));
    List<Long> matches = new ArrayList<>(ORDERS);
    List<Long> totals = new ArrayList<>(ORDERS);
    for (int order = 1; order <= ORDERS; order++) {
      matches.add(Counts.common(ngrams(hypothesisWords, order), ngrams(referenceWords, order)));
      totals.add((long) Math.max(0, hypothesisWords.size() - order + 1));
    }
    return new BleuStatistics(hypothesisWords.size(), referenceWords.size(), matches, totals);
  }

  /** The score of a corpus from the sum of its segments' statistics. */
  public BleuScore score(BleuStatistics statistics) {
    double brevityPenalty = brevityPenalty(statistics.hypothesisWords(), statistics.referenceWords());
    List<Double> precisions = new ArrayList<>(List.of(0.0, 0.0, 0.0, 0.0));
    if (statistics.matches().stream().allMatch(matches -> matches == 0)) {
      return new BleuScore(0.0, precisions, brevityPenalty, statistics);
    }
    double smoothing = 1;
    double logSum = 0;
    for (int i = 0; i < ORDERS; i++) {
      long matches = statistics.matches().get(i);
      long total = statistics.totals().get(i);
      if (total == 0) {
        return new BleuScore(0.0, precisions, brevityPenalty, statistics);
      }
      if (matches == 0) {
        smoothing *= 2;
      }
      double precision = matches == 0 ? 100.0 / (smoothing * total) : 100.0 * matches / total;
      precisions.set(i, precision);
      logSum += Math.log(precision);
    }
    return new BleuScore(brevityPenalty * Math.exp(logSum / ORDERS), precisions, brevityPenalty, statistics);
  }

  /**
   * The score of a corpus that is in memory.
   *
   * @throws IllegalArgumentException there are not as many hypotheses as references
   */
  public BleuScore score(List<String> hypotheses, List<String> references) {
    if (hypotheses.size() != references.size()) {
      throw new IllegalArgumentException(hypotheses.size() + " hypotheses for " + references.size() + " references");
    }
    BleuStatistics sum = BleuStatistics.NONE;
    for (int i = 0; i < hypotheses.size(); i++) {
      sum = sum.plus(statistics(hypotheses.get(i), references.get(i)));
    }
    return score(sum);
  }

  private static double brevityPenalty(long hypothesisWords, long referenceWords) {
    if (hypothesisWords >= referenceWords) {
      return 1;
    }
    return hypothesisWords == 0 ? 0 : Math.exp(1 - (double) referenceWords / hypothesisWords);
  }

  private static Map<List<String>, Integer> ngrams(List<String> words, int order) {
    Map<List<String>, Integer> counts = new HashMap<>();
    for (int start = 0; start + order <= words.size(); start++) {
      counts.merge(words.subList(start, start + order), 1, Integer::sum);
    }
    return counts;
  }
}
