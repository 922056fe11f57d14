package io.sparkformer.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DenoisedSpansTest {
  /** T5's vocabulary. */
  private static final int FIRST = 32_099;
  private static final DenoisedSpans T5 = new DenoisedSpans(FIRST, 100);

  /** The sequences that T5 was trained with: 568 tokens give 512 with the end token to read, 85 in 28 spans to say. */
  @Test
  void numbersAreThoseOfThePublishedModel() {
    SourceAndTarget pair = T5.corrupt(text(568), 1, 0, 0);
    assertThat(T5.missing(568)).isEqualTo(85);
    assertThat(T5.spans(568)).isEqualTo(28);
    assertThat(pair.source().length + 1).isEqualTo(512);
    assertThat(pair.target()).hasSize(85 + 28 + 1);
  }

  @Test
  void targetSaysWhatTheSentinelsOfTheSourceStandFor() {
    for (int length = 2; length <= 300; length++) {
      SourceAndTarget pair = T5.corrupt(text(length), 7, 3, length);
      assertThat(restored(pair)).as("text of %d tokens", length).isEqualTo(text(length));
      assertThat(pair.source()).hasSize(length - T5.missing(length) + T5.spans(length));
      int[] sentinels = IntStream.of(pair.target()).filter(DenoisedSpansTest::isSentinel).toArray();
      assertThat(sentinels).isEqualTo(IntStream.rangeClosed(0, T5.spans(length)).map(i -> FIRST - i).toArray());
      assertThat(pair.target()[pair.target().length - 1]).as("last token").isEqualTo(FIRST - T5.spans(length));
    }
  }

  /** Six of 40 tokens in two spans: all five ways to share them out, and all 33 of the 34 others, come equally often. */
  @Test
  void everyDivisionIsEquallyProbable() {
    assertEven(33, pair -> IntStream.range(0, 40).filter(i -> isSentinel(pair.source()[i])).findFirst().orElseThrow());
    assertEven(5, pair -> IntStream.range(1, 9).filter(i -> isSentinel(pair.target()[i])).findFirst().orElseThrow() - 1);
  }

  private static void assertEven(int values, ToIntFunction<SourceAndTarget> value) {
    Map<Integer, Integer> counts = new HashMap<>();
    int each = 2000;
    for (int place = 0; place < each * values; place++) {
      counts.merge(value.applyAsInt(T5.corrupt(text(40), 5, 1, place)), 1, Integer::sum);
    }
    assertThat(counts.keySet()).containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, values).boxed().toList());
    // Five standard deviations.
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(each - 224, each + 224));
  }

  @Test
  void theSameArgumentsGiveTheSameAndOthersDoNot() {
    int[] source = T5.corrupt(text(200), 1, 2, 3).source();
    assertThat(T5.corrupt(text(200), 1, 2, 3).source()).isEqualTo(source);
    assertThat(T5.corrupt(text(200), 2, 2, 3).source()).isNotEqualTo(source);
    assertThat(T5.corrupt(text(200), 1, 3, 3).source()).isNotEqualTo(source);
    assertThat(T5.corrupt(text(200), 1, 2, 4).source()).isNotEqualTo(source);
  }

  @Test
  void textsThatNeedMoreSentinelsThanThereAreAndTooShortOnesAreRefused() {
    DenoisedSpans few = new DenoisedSpans(9, 5);
    assertThat(restored(few.corrupt(text(80), 1, 0, 0))).isEqualTo(text(80));
    assertThatThrownBy(() -> few.corrupt(text(100), 1, 0, 0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A text of 100 tokens needs 6 sentinels, the vocabulary has 5; cut shorter texts");
    assertThatThrownBy(() -> few.corrupt(text(1), 1, 0, 0)).hasMessageContaining("A text of 1 tokens is too short to leave out a span");
    assertThatThrownBy(() -> new DenoisedSpans(1, 3, 9, 5)).hasMessageContaining("Invalid density of missing tokens: 1.0");
    assertThatThrownBy(() -> new DenoisedSpans(0.15, 0.5, 9, 5)).hasMessageContaining("Invalid mean length of spans: 0.5");
    assertThatThrownBy(() -> new DenoisedSpans(3, 5)).hasMessageContaining("Invalid sentinels: 5 from id 3 downwards");
  }

  private static int[] text(int length) {
    return IntStream.range(0, length).map(i -> 100 + i).toArray();
  }

  private static boolean isSentinel(int token) {
    return token > FIRST - 100;
  }

  /** The source with every sentinel replaced by what stands behind it in the target. Texts are below the sentinels or above them. */
  private static int[] restored(SourceAndTarget pair) {
    Map<Integer, List<Integer>> spans = new HashMap<>();
    List<Integer> span = null;
    for (int token : pair.target()) {
      if (isSentinel(token) || token < 10) {
        span = spans.computeIfAbsent(token, absent -> new ArrayList<>());
      } else {
        span.add(token);
      }
    }
    return IntStream.of(pair.source()).boxed().flatMap(token -> spans.getOrDefault(token, List.of(token)).stream())
        .mapToInt(Integer::intValue).toArray();
  }
}
