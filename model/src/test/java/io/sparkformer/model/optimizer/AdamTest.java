package io.sparkformer.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdamTest {
  private static final AdamSettings PAPER = new AdamSettings(0.9, 0.98, 1e-9);
  private final ParallelBlocks alone = new ParallelBlocks(1);

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 4095, 4097, 70_001})
  void followsAdamInDoublePrecision(int length) {
    Random random = new Random(length);
    double[] expected = new double[length];
    double[] mean = new double[length];
    double[] square = new double[length];
    FloatRegion parameters = FloatRegion.allocate(length);
    FloatRegion gradient = FloatRegion.allocate(length);
    for (int i = 0; i < length; i++) {
      float start = (float) random.nextGaussian();
      expected[i] = start;
      parameters.write(i, new float[] {start}, 1);
    }
    Adam adam = new Adam(PAPER, new FlatRange(0, length), alone);
    for (int step = 1; step <= 30; step++) {
      double scale = 0.25 + random.nextDouble();
      double rate = 1e-3 * random.nextDouble();
      float[] g = new float[length];
      for (int i = 0; i < length; i++) {
        g[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(6) - 4));
        double scaled = g[i] * scale;
        mean[i] += (scaled - mean[i]) * (1 - 0.9);
        square[i] = square[i] * 0.98 + scaled * scaled * (1 - 0.98);
        double denominator = Math.sqrt(square[i]) / Math.sqrt(1 - Math.pow(0.98, step)) + 1e-9;
        expected[i] -= rate / (1 - Math.pow(0.9, step)) * mean[i] / denominator;
      }
      gradient.write(0, g, length);
      adam.update(parameters, gradient, scale, rate);
    }
    float[] actual = parameters.toArray();
    double largest = 0;
    for (int i = 0; i < length; i++) {
      largest = Math.max(largest, Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i])));
    }
    assertThat(largest).isLessThan(2e-6);
    assertThat(adam.updates()).isEqualTo(30);
  }

  /** PyTorch's AdamW with two groups of parameters, of which the first decays, and its CosineAnnealingLR. */
  @Test
  void decoupledDecayAndTheCosineAreThoseOfPyTorch() {
    float[][] expected = {
      {0.4895000159740448f, -1.2387499809265137f, 1.9880000352859497f, -0.010000000707805157f, -0.019999999552965164f, 3.5f,
        -0.7599999904632568f, 1.0099999904632568f},
      {0.4802960455417633f, -1.2288612127304077f, 1.9774264097213745f, -0.018747404217720032f, -0.011243456974625587f, 3.5f,
        -0.7687565088272095f, 1.0187565088272095f},
      {0.47345688939094543f, -1.2215062379837036f, 1.9695556163787842f, -0.025242704898118973f, -0.004735239315778017f, 3.5f,
        -0.7752647399902344f, 1.0252647399902344f},
      {0.4693959951400757f, -1.2171379327774048f, 1.9648799896240234f, -0.029098670929670334f, -0.0008689009118825197f, 3.5f,
        -0.7791310548782349f, 1.0291310548782349f},
      {0.46755775809288025f, -1.215160608291626f, 1.9627636671066284f, -0.03084419295191765f, 0.0008820327930152416f, 3.5f,
        -0.7808820009231567f, 1.0308820009231567f}};
    double[] rates = {0.01, 0.009140576474687266, 0.006890576474687264, 0.004109423525312737, 0.0018594235253127371};
    LearningRateSchedule cosine = new LearningRateSchedule.Cosine(0.01, 0.001, 0, 5);
    AdamSettings settings = new AdamSettings(0.9, 0.95, 1e-8);
    WeightDecay decay = new WeightDecay(0.1, List.of(new FlatRange(2, 4), new FlatRange(0, 2)));
    float[] first = {0.5f, -1.25f, 2, 0, -0.03f, 3.5f, -0.75f, 1};
    float[] gradient = {0.1f, -0.2f, 0.05f, 1, -0.5f, 0, 0.25f, -0.01f};
    // The whole, and a slice that begins within what decays and ends where nothing does.
    for (FlatRange slice : List.of(new FlatRange(0, 8), new FlatRange(1, 7))) {
      int from = (int) slice.from();
      int to = (int) slice.to();
      FloatRegion parameters = FloatRegion.copyOf(Arrays.copyOfRange(first, from, to));
      Adam adam = new Adam(settings, decay, slice, new ParallelBlocks(1));
      for (int step = 1; step <= 5; step++) {
        assertThat(cosine.rate(step)).isCloseTo(rates[step - 1], within(1e-15));
        adam.update(parameters, FloatRegion.copyOf(Arrays.copyOfRange(gradient, from, to)), step, cosine.rate(step));
        assertThat(parameters.toArray()).containsExactly(Arrays.copyOfRange(expected[step - 1], from, to), within(2e-7f));
      }
    }
  }

  @Test
  void firstUpdateMovesEveryParameterByTheRate() {
    FloatRegion parameters = FloatRegion.copyOf(1f, 2f, 3f);
    Adam adam = new Adam(PAPER, new FlatRange(5, 8), alone);
    adam.update(parameters, FloatRegion.copyOf(100f, -1e-3f, 0f), 1, 0.01);
    assertThat(parameters.at(0)).isCloseTo(0.99f, within(1e-6f));
    assertThat(parameters.at(1)).isCloseTo(2.01f, within(1e-5f));
    assertThat(parameters.at(2)).isEqualTo(3f);
  }

  @Test
  void slicesAndThreadsDoNotChangeTheResult() {
    int length = 3 * ParallelBlocks.BLOCK_LENGTH + 77;
    float[] expected = runInSlices(length, 1, length);
    assertThat(runInSlices(length, 2, length)).isEqualTo(expected);
    assertThat(runInSlices(length, 3, 16, 40_000, 2 * ParallelBlocks.BLOCK_LENGTH + 5, length)).isEqualTo(expected);
  }

  private static float[] runInSlices(int length, int threads, int... ends) {
    Random random = new Random(3);
    FloatRegion parameters = randomRegion(random, length, 1f);
    FloatRegion gradient = randomRegion(random, length, 0.01f);
    try (ParallelBlocks blocks = new ParallelBlocks(threads)) {
      int from = 0;
      for (int end : ends) {
        Adam adam = new Adam(PAPER, new FlatRange(from, end), blocks);
        for (int step = 1; step <= 3; step++) {
          adam.update(parameters.slice(from, end), gradient.slice(from, end), 1.0 / step, 1e-3);
        }
        from = end;
      }
    }
    return parameters.toArray();
  }

  @Test
  void restoredStateGoesOnWhereItStopped() {
    Random random = new Random(4);
    FloatRegion parameters = randomRegion(random, 500, 1f);
    FloatRegion gradient = randomRegion(random, 500, 1f);
    Adam undisturbed = new Adam(PAPER, new FlatRange(0, 500), alone);
    undisturbed.update(parameters, gradient, 1, 1e-2);
    Adam restored = new Adam(PAPER, new FlatRange(100, 300), alone);
    restored.firstMoment().copyFrom(undisturbed.firstMoment().slice(100, 300));
    restored.secondMoment().copyFrom(undisturbed.secondMoment().slice(100, 300));
    restored.resumeAfter(undisturbed.updates());
    FloatRegion copy = FloatRegion.copyOf(parameters.slice(100, 300).toArray());
    undisturbed.update(parameters, gradient, 0.5, 1e-2);
    restored.update(copy, gradient.slice(100, 300), 0.5, 1e-2);
    assertThat(copy.toArray()).isEqualTo(parameters.slice(100, 300).toArray());
  }

  @Test
  void decayedMomentsNeverBecomeDenormal() {
    FloatRegion parameters = FloatRegion.copyOf(1f, 1f);
    Adam adam = new Adam(PAPER, new FlatRange(0, 2), alone);
    adam.update(parameters, FloatRegion.copyOf(1e-6f, -1e-6f), 1, 1e-3);
    FloatRegion nothing = FloatRegion.allocate(2);
    int denormals = 0;
    for (int step = 0; step < 5000; step++) {
      adam.update(parameters, nothing, 1, 1e-3);
      for (long i = 0; i < 2; i++) {
        float m = Math.abs(adam.firstMoment().at(i));
        float v = adam.secondMoment().at(i);
        denormals += m > 0 && m < Float.MIN_NORMAL || v > 0 && v < Float.MIN_NORMAL ? 1 : 0;
      }
    }
    assertThat(denormals).isZero();
    assertThat(Math.abs(adam.firstMoment().at(0))).isLessThan(1e-36f);
    assertThat(adam.secondMoment().at(0)).isLessThan(1e-35f);
    assertThat(parameters.at(0)).isBetween(0.9f, 1f);
  }

  @Test
  void emptySliceIsHarmless() {
    Adam adam = new Adam(PAPER, new FlatRange(7, 7), alone);
    adam.update(FloatRegion.allocate(0), FloatRegion.allocate(0), 1, 1);
    assertThat(adam.updates()).isEqualTo(1);
  }

  @Test
  void rejectsImpossibleArguments() {
    assertThatThrownBy(() -> new AdamSettings(1, 0.98, 1e-9)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid optimizer beta1: 1.0 (must be >= 0 and < 1)");
    assertThatThrownBy(() -> new AdamSettings(0.9, -0.1, 1e-9)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid optimizer beta2: -0.1 (must be >= 0 and < 1)");
    assertThatThrownBy(() -> new AdamSettings(0.9, 0.98, 0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid optimizer epsilon: 0.0 (must be > 0; the paper's is 1e-9)");
    Adam adam = new Adam(PAPER, new FlatRange(10, 20), alone);
    assertThatThrownBy(() -> adam.update(FloatRegion.allocate(10), FloatRegion.allocate(9), 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Adam over [10, 20) needs 10 parameters and gradients, found 10 and 9");
  }

  private static FloatRegion randomRegion(Random random, int length, float scale) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = scale * (float) random.nextGaussian();
    }
    return FloatRegion.copyOf(values);
  }

  @Test
  void roundingSeesWhatWasAndDecidesWhatIsStored() {
    int length = 5000;
    FloatRegion exact = FloatRegion.allocate(length);
    FloatRegion rounded = FloatRegion.allocate(length);
    FloatRegion gradient = FloatRegion.allocate(length);
    float[] start = new float[length];
    for (int i = 0; i < length; i++) {
      start[i] = i;
      gradient.write(i, new float[] {i % 7 - 3}, 1);
    }
    exact.write(0, start, length);
    rounded.write(0, start, length);
    new Adam(PAPER, new FlatRange(0, length), alone).update(exact, gradient, 1, 0.5);
    new Adam(PAPER, new FlatRange(0, length), alone).update(rounded, gradient, 1, 0.5, (from, before, after, count) -> {
      for (int i = 0; i < count; i++) {
        assertThat(before[i]).isEqualTo(from + i);
        assertThat(after[i]).isEqualTo(exact.at(from + i));
        after[i] = 2 * before[i];
      }
    }, piece -> { });
    for (int i = 0; i < length; i++) {
      assertThat(rounded.at(i)).isEqualTo(2f * i);
    }
  }
}
