package io.sparkformer.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightAverageTest {
  /** PyTorch: {@code average = decay * average + (1 - decay) * parameters} ({@code torch.optim.swa_utils.get_ema_avg_fn}). */
  @ParameterizedTest
  @CsvSource({"1, 0.5", "4097, 0.5", "150001, 0.9"})
  void followsTheFormulaInDoublePrecision(int length, double decay) {
    Random random = new Random(length);
    FloatRegion parameters = FloatRegion.allocate(length);
    double[] expected = new double[length];
    fill(parameters, random, expected);
    try (ParallelBlocks blocks = new ParallelBlocks(2)) {
      WeightAverage average = new WeightAverage(decay, parameters, blocks);
      for (int updates = 0; updates < 40; updates++) {
        double[] values = new double[length];
        fill(parameters, random, values);
        average.add(updates);
        // At 40 updates the limit is 41/50 and above 0.5, and below 0.9.
        double d = Math.min(decay, (1.0 + updates) / (10 + updates));
        for (int i = 0; i < length; i++) {
          expected[i] = d * expected[i] + (1 - d) * values[i];
        }
      }
      float[] found = average.values().toArray();
      double largest = 0;
      for (int i = 0; i < length; i++) {
        largest = Math.max(largest, Math.abs(found[i] - expected[i]));
      }
      assertThat(largest).isLessThan(1e-6);
    }
  }

  @Test
  void swappedTwiceAllIsAsBefore() {
    FloatRegion parameters = FloatRegion.copyOf(1, 2, 3);
    WeightAverage average = new WeightAverage(0.5, parameters, new ParallelBlocks(1));
    parameters.write(0, new float[] {5, Float.MIN_VALUE, -0f}, 3);
    average.swap();
    assertThat(parameters.toArray()).containsExactly(1, 2, 3);
    assertThat(average.values().toArray()).containsExactly(5, Float.MIN_VALUE, -0f);
    average.swap();
    assertThat(parameters.toArray()).containsExactly(5, Float.MIN_VALUE, -0f);
    assertThat(average.values().toArray()).containsExactly(1, 2, 3);
  }

  @Test
  void impossibleDecayIsNamed() {
    assertThatThrownBy(() -> new WeightAverage(1, FloatRegion.copyOf(1), new ParallelBlocks(1)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("Invalid decay of averaged weights: 1.0 (must be >= 0 and < 1)");
  }

  private static void fill(FloatRegion region, Random random, double[] values) {
    for (int i = 0; i < values.length; i++) {
      float value = (float) random.nextGaussian();
      region.write(i, new float[] {value}, 1);
      values[i] = value;
    }
  }
}
