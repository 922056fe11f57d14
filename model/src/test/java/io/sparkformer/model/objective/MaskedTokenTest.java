package io.sparkformer.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.HeadConfig;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaskedTokenTest {
  private static final int MASK = 4;
  private static final int VOCABULARY = 1000;
  private static final Set<Integer> SPECIAL = Set.of(0, 1, 2, 3, MASK);
  /** Ids from here on continue a word. */
  private static final int CONTINUING = 600;
  private final int[] text = text();

  private static int[] text() {
    int[] text = new Random(3).ints(60_000, SPECIAL.size(), VOCABULARY).toArray();
    for (int i = 0; i < text.length; i += 50) {
      text[i] = 2;
    }
    return text;
  }

  private static Set<Integer> continuing() {
    return IntStream.range(CONTINUING, VOCABULARY).boxed().collect(Collectors.toSet());
  }

  private static int[] inputs(Batch batch) {
    return batch.encoder().ids().toIntVector();
  }

  private static int[] labels(Batch batch) {
    return batch.labels().get(HeadConfig.Vocabulary.NAME).values().toIntVector();
  }

  @Test
  void tokensOfAWordAreSaidTogetherAndEachHasItsOwnFate() {
    MaskedToken words = new MaskedToken(0.15, MASK, VOCABULARY, SPECIAL, continuing());
    Batch batch = words.batch(List.of(text), 0, 11);
    int[] inputs = inputs(batch);
    int[] labels = labels(batch);
    int fates = 0;
    for (int i = 1; i < text.length; i++) {
      boolean sameWord = text[i] >= CONTINUING && !SPECIAL.contains(text[i - 1]);
      if (sameWord) {
        assertThat(labels[i] >= 0).as("token %d, as the one before it", i).isEqualTo(labels[i - 1] >= 0);
        fates += labels[i] >= 0 && (inputs[i] == MASK) != (inputs[i - 1] == MASK) ? 1 : 0;
      }
    }
    assertThat(fates).isPositive();
    assertFates(batch);
  }

  @Test
  void tokensAreDrawnByThemselvesWithoutWords() {
    assertFates(new MaskedToken(0.15, MASK, VOCABULARY, SPECIAL).batch(List.of(text), 0, 11));
  }

  /** 15 % of the tokens are to be said, of which 80 % are masked, 10 % stay; special ones are never. */
  private void assertFates(Batch batch) {
    int[] inputs = inputs(batch);
    int[] labels = labels(batch);
    int said = 0;
    int masked = 0;
    int kept = 0;
    for (int i = 0; i < text.length; i++) {
      if (labels[i] < 0) {
        assertThat(inputs[i]).isEqualTo(text[i]);
        continue;
      }
      assertThat(labels[i]).isEqualTo(text[i]);
      assertThat(SPECIAL).doesNotContain(text[i]);
      said++;
      masked += inputs[i] == MASK ? 1 : 0;
      kept += inputs[i] == text[i] ? 1 : 0;
      assertThat(inputs[i] == MASK || !SPECIAL.contains(inputs[i])).isTrue();
    }
    assertThat((double) said / (text.length * 0.98)).isCloseTo(0.15, within(0.01));
    assertThat((double) masked / said).isCloseTo(0.8, within(0.02));
    assertThat((double) kept / said).isCloseTo(0.1, within(0.015));
  }
}
