package io.sparkformer.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefixLanguageModelTest {
  private static final PrefixLanguageModel OBJECTIVE = new PrefixLanguageModel();

  @Test
  void textIsCutAtEveryPlaceEquallyOften() {
    int[] text = {5, 6, 7, 8, 9};
    Map<Integer, Integer> cuts = new TreeMap<>();
    for (int place = 0; place < 8000; place++) {
      SourceAndTarget pair = OBJECTIVE.split(text, 1, 2, place);
      assertThat(IntStream.concat(IntStream.of(pair.source()), IntStream.of(pair.target())).toArray()).isEqualTo(text);
      cuts.merge(pair.source().length, 1, Integer::sum);
    }
    assertThat(cuts).containsOnlyKeys(1, 2, 3, 4);
    // Five standard deviations.
    assertThat(cuts.values()).allSatisfy(count -> assertThat(count).isBetween(2000 - 194, 2000 + 194));
  }

  @Test
  void theSameArgumentsGiveTheSame() {
    int[] text = IntStream.range(0, 1000).toArray();
    assertThat(OBJECTIVE.split(text, 4, 5, 6).source()).isEqualTo(OBJECTIVE.split(text, 4, 5, 6).source());
    assertThat(OBJECTIVE.split(text, 4, 5, 7).source()).isNotEqualTo(OBJECTIVE.split(text, 4, 5, 6).source());
    assertThatThrownBy(() -> OBJECTIVE.split(new int[] {1}, 1, 1, 1))
        .hasMessageContaining("A text of 1 tokens is too short to be cut in two");
  }
}
