package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExampleBatchTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 16})
  void partsPutTogetherAreTheBatch(int parts) {
    ExampleBatch batch = batch(PreparedFolder.pairs(40, 20, 3));
    List<List<Example>> split = batch.split(parts);
    assertThat(split).hasSize(parts);
    assertThat(split.stream().flatMap(List::stream).toList()).isEqualTo(batch.examples());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8})
  void partsAreBalancedByTokens(int parts) {
    ExampleBatch batch = batch(PreparedFolder.pairs(200, 30, 4));
    double share = (double) (batch.tokens(0) + batch.tokens(1)) / parts;
    assertThat(batch.split(parts)).allSatisfy(part ->
      assertThat((double) part.stream().mapToInt(pair -> pair.tokens(0) + pair.tokens(1)).sum())
        .isBetween(share - 62, share + 62));
  }

  @Test
  void fewerPairsThanPartsLeaveTheLastPartsEmpty() {
    List<List<Example>> split = batch(PreparedFolder.pairs(2, 20, 5)).split(4);
    assertThat(split.stream().map(List::size).toList()).containsExactly(1, 1, 0, 0);
  }

  @Test
  void noPartIsEmptyWhenThereAreEnoughPairs() {
    List<SentencePair> uneven = List.of(pair(100), pair(1), pair(1), pair(1));
    assertThat(batch(uneven).split(4).stream().map(List::size).toList()).containsExactly(1, 1, 1, 1);
    assertThat(batch(uneven).split(2).stream().map(List::size).toList()).containsExactly(1, 3);
    List<SentencePair> reversed = List.of(pair(1), pair(1), pair(1), pair(100));
    assertThat(batch(reversed).split(3).stream().map(List::size).toList()).containsExactly(2, 1, 1);
  }

  @Test
  void emptyBatchAndZeroPartsAreRefused() {
    assertThatThrownBy(() -> batch(List.of())).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least one");
    assertThatThrownBy(() -> batch(List.of(pair(1))).split(0))
      .isInstanceOf(IllegalArgumentException.class).hasMessage("Invalid parts: 0 (must be > 0)");
  }

  private static SentencePair pair(int tokens) {
    return new SentencePair(new int[tokens], new int[tokens]);
  }

  private static ExampleBatch batch(List<SentencePair> pairs) {
    return new ExampleBatch(BatchPosition.START, List.copyOf(pairs), new BatchPosition(0, 0, 1));
  }
}
