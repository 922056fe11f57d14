package io.sparkformer.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FlatRangeTest {

  @Test
  void intersectionIsWhatBothHold() {
    FlatRange range = new FlatRange(10, 20);
    assertThat(range.intersection(new FlatRange(15, 30))).isEqualTo(new FlatRange(15, 20));
    assertThat(range.intersection(new FlatRange(0, 12))).isEqualTo(new FlatRange(10, 12));
    assertThat(range.intersection(new FlatRange(12, 13))).isEqualTo(new FlatRange(12, 13));
    assertThat(range.intersection(new FlatRange(20, 30)).isEmpty()).isTrue();
    assertThat(range.intersection(new FlatRange(0, 5)).isEmpty()).isTrue();
    assertThat(range).hasToString("[10, 20)");
  }

  @Test
  void rejectsBoundsOutOfOrder() {
    assertThatThrownBy(() -> new FlatRange(5, 4)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid range of a flat array: from=5, to=4 (must be 0 <= from <= to)");
    assertThatThrownBy(() -> new FlatRange(-1, 4)).isInstanceOf(IllegalArgumentException.class);
  }
}
