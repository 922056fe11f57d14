package io.sparkformer.model.decode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * Decides which sentences are decoded together, and puts their results back into order.
 *
 * <p>Sentences of a chunk are sorted by length, longest first, so that a batch's sentences finish at about the same step and memory
 * runs out at the beginning or not at all; then they are packed in that order: a batch takes sentences while the tokens of all of
 * them (each with its end token), times beam, stay within the budget, and always at least one.
 *
 * @param batchTokens budget: source tokens times beam decoded together
 * @param beam beam width
 */
public record TranslationBatches(int batchTokens, int beam) {

  /** Checks that both are positive. */
  public TranslationBatches {
    if (batchTokens < 1) {
      throw new IllegalArgumentException("batch-tokens must be at least 1: " + batchTokens + "; 4096 is usual");
    }
    if (beam < 1) {
      throw new IllegalArgumentException("beam must be at least 1: " + beam);
    }
  }

  /**
   * Packs a chunk of sentences.
   *
   * @param sentences token ids of each sentence without begin and end tokens
   * @return batches of places in {@code sentences}; every place occurs once
   */
  public List<int[]> pack(List<int[]> sentences) {
    List<Integer> places = new ArrayList<>(sentences.size());
    for (int place = 0; place < sentences.size(); place++) {
      places.add(place);
    }
    places.sort(Comparator.comparingInt(place -> -sentences.get(place).length));
    List<int[]> batches = new ArrayList<>();
    int start = 0;
    long tokens = 0;
    for (int i = 0; i < places.size(); i++) {
      long added = (sentences.get(places.get(i)).length + 1L) * beam;
      if (i > start && tokens + added > batchTokens) {
        batches.add(toArray(places.subList(start, i)));
        start = i;
        tokens = 0;
      }
      tokens += added;
    }
    if (start < places.size()) {
      batches.add(toArray(places.subList(start, places.size())));
    }
    return batches;
  }

  /**
   * Translates a chunk batch by batch.
   *
   * @param sentences token ids of each sentence
   * @param translateBatch gives one result for each sentence of a batch, in its order
   * @return one result for each sentence, in the order of {@code sentences}
   */
  public <T> List<T> translate(List<int[]> sentences, Function<List<int[]>, List<T>> translateBatch) {
    return translatePlaces(sentences, places -> translateBatch.apply(chosen(sentences, places)));
  }

  /**
   * As {@link #translate}.
   *
   * @param translateBatch gets the places of the sentences of a batch
   */
  public <T> List<T> translatePlaces(List<int[]> sentences, Function<int[], List<T>> translateBatch) {
    List<T> results = new ArrayList<>(Collections.nCopies(sentences.size(), null));
    for (int[] places : pack(sentences)) {
      List<T> translated = translateBatch.apply(places);
      if (translated.size() != places.length) {
        throw new IllegalStateException(translated.size() + " results for a batch of " + places.length + " sentences");
      }
      for (int i = 0; i < places.length; i++) {
        results.set(places[i], translated.get(i));
      }
    }
    return results;
  }

  /** What stands at some places of a list. */
  public static <E> List<E> chosen(List<E> all, int[] places) {
    List<E> chosen = new ArrayList<>(places.length);
    for (int place : places) {
      chosen.add(all.get(place));
    }
    return chosen;
  }

  private static int[] toArray(List<Integer> places) {
    return places.stream().mapToInt(Integer::intValue).toArray();
  }
}
