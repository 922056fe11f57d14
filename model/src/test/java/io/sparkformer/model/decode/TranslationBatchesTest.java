package io.sparkformer.model.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TranslationBatchesTest {

  private static List<int[]> sentences(int count, int longest) {
    Random random = new Random(3);
    List<int[]> sentences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sentences.add(random.ints(random.nextInt(longest + 1), 5, 100).toArray());
    }
    return sentences;
  }

  @Test
  void everySentenceIsPackedOnceWithinTheBudget() {
    List<int[]> sentences = sentences(500, 40);
    List<int[]> batches = new TranslationBatches(400, 4).pack(sentences);
    assertThat(batches.stream().flatMapToInt(IntStream::of).sorted().toArray()).isEqualTo(IntStream.range(0, 500).toArray());
    assertThat(batches).allSatisfy(batch ->
        assertThat(IntStream.of(batch).map(place -> (sentences.get(place).length + 1) * 4).sum()).isLessThanOrEqualTo(400));
    assertThat(batches.size()).isLessThan(130);
  }

  @Test
  void longestSentencesComeFirst() {
    List<int[]> sentences = sentences(100, 40);
    int[] order = new TranslationBatches(400, 4).pack(sentences).stream().flatMapToInt(IntStream::of).toArray();
    assertThat(IntStream.of(order).map(place -> -sentences.get(place).length).toArray()).isSorted();
  }

  @Test
  void sentenceBeyondTheBudgetGetsABatchOfItsOwn() {
    List<int[]> sentences = List.of(new int[1], new int[50], new int[60], new int[2]);
    assertThat(new TranslationBatches(20, 2).pack(sentences)).containsExactly(new int[] {2}, new int[] {1}, new int[] {3, 0});
  }

  @Test
  void resultsComeBackInTheOrderOfTheSentences() {
    List<int[]> sentences = sentences(200, 20);
    List<int[]> results = new TranslationBatches(100, 1).translate(sentences, batch -> batch);
    assertThat(results).containsExactlyElementsOf(sentences);
    assertThat(new TranslationBatches(100, 1).translate(List.<int[]>of(), batch -> batch)).isEmpty();
  }

  @Test
  void badBudgetsAndBadResultsAreReported() {
    assertThatThrownBy(() -> new TranslationBatches(0, 4)).hasMessage("batch-tokens must be at least 1: 0; 4096 is usual");
    assertThatThrownBy(() -> new TranslationBatches(10, 0)).hasMessage("beam must be at least 1: 0");
    assertThatThrownBy(() -> new TranslationBatches(10, 1).translate(List.of(new int[1], new int[1]), batch -> List.of(1)))
        .isInstanceOf(IllegalStateException.class).hasMessage("1 results for a batch of 2 sentences");
  }
}
