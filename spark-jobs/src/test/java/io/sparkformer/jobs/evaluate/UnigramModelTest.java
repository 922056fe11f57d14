package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class UnigramModelTest {

  @Test
  void unseenTokensHaveSomeProbability() {
    UnigramModel model = new UnigramModel(new long[] {0, 3, 5});
    assertThat(model.crossEntropy(new long[] {1, 0, 0})).isCloseTo(Math.log(11.0 / 1), within(1e-12));
    assertThat(model.crossEntropy(new long[] {0, 1, 3})).isCloseTo((Math.log(11.0 / 4) + 3 * Math.log(11.0 / 6)) / 4, within(1e-12));
    assertThat(model.crossEntropy(new long[] {0, 0, 0})).isZero();
  }

  @Test
  void otherVocabularyIsReported() {
    assertThatThrownBy(() -> new UnigramModel(new long[3]).crossEntropy(new long[4]))
        .hasMessage("counts of 4 tokens for a vocabulary of 3");
  }
}
