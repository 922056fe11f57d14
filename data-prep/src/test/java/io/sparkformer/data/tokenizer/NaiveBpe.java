package io.sparkformer.data.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** BPE as the textbook has it: counts every pair of every word again for each merge. The measure of {@link BpeTrainer}. */
final class NaiveBpe {

  private final List<String> tokens = new ArrayList<>(SpecialToken.texts());
  private final List<Merge> merges = new ArrayList<>();
  private final Map<List<Integer>, Long> words = new HashMap<>();

  NaiveBpe(Map<String, Long> wordCounts) {
    tokens.addAll(ByteAlphabet.symbols());
    wordCounts.forEach((word, count) -> words.merge(
      ByteAlphabet.toSymbols(word).chars().mapToObj(symbol -> tokens.indexOf(Character.toString(symbol))).toList(),
      count, Long::sum));
  }

  /** Merges until the vocabulary is full or no pair is frequent enough. */
  BpeModel train(int vocabularySize, long minFrequency) {
    while (tokens.size() < vocabularySize) {
      Map<List<Integer>, Long> pairs = new HashMap<>();
      words.forEach((word, count) -> {
        for (int i = 0; i + 1 < word.size(); i++) {
          pairs.merge(word.subList(i, i + 2), count, Long::sum);
        }
      });
      Comparator<Map.Entry<List<Integer>, Long>> byCount = Map.Entry.comparingByValue();
      Comparator<Map.Entry<List<Integer>, Long>> order = byCount
        .thenComparing(entry -> entry.getKey().get(0), Comparator.reverseOrder())
        .thenComparing(entry -> entry.getKey().get(1), Comparator.reverseOrder());
      var best = pairs.entrySet().stream().max(order).orElse(null);
      if (best == null || best.getValue() < minFrequency) {
        break;
      }
      merge(best.getKey().get(0), best.getKey().get(1));
    }
    return new BpeModel(tokens, merges);
  }

  private void merge(int left, int right) {
    String text = tokens.get(left) + tokens.get(right);
    if (!tokens.contains(text)) {
      tokens.add(text);
    }
    Merge merge = new Merge(left, right, tokens.indexOf(text));
    if (!merges.contains(merge)) {
      merges.add(merge);
    }
    Map<List<Integer>, Long> before = Map.copyOf(words);
    words.clear();
    before.forEach((word, count) -> words.merge(applied(merge, word), count, Long::sum));
  }

  /** Replaces the pair from left to right. */
  static List<Integer> applied(Merge merge, List<Integer> word) {
    List<Integer> result = new ArrayList<>();
    for (int i = 0; i < word.size(); i++) {
      if (i + 1 < word.size() && word.get(i) == merge.left() && word.get(i + 1) == merge.right()) {
        result.add(merge.result());
        i++;
      } else {
        result.add(word.get(i));
      }
    }
    return result;
  }
}
