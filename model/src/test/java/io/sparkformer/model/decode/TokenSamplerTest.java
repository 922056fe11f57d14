package io.sparkformer.model.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The distribution of what is drawn, by chi-square tests against the softmax that the definitions give. */
class TokenSamplerTest {
  private static final int VOCABULARY = 60;
  private static final int DRAWS = 40_000;
  /** Of the standard normal distribution: passed by chance once in ten thousand times. */
  private static final double QUANTILE = 3.72;

  static List<SamplingOptions> options() {
    return List.of(new SamplingOptions(1, 0, 1, 0), new SamplingOptions(0.7, 0, 1, 0), new SamplingOptions(1.6, 0, 1, 0),
        new SamplingOptions(1, 5, 1, 0), new SamplingOptions(1, 1, 1, 0), new SamplingOptions(1, 1000, 1, 0),
        new SamplingOptions(1, 0, 0.8, 0), new SamplingOptions(1, 0, 0.01, 0), new SamplingOptions(1, 0, 1, 0.1),
        new SamplingOptions(0.9, 20, 0.9, 0.02));
  }

  @ParameterizedTest
  @MethodSource("options")
  void tokensComeAsOftenAsTheSoftmaxSays(SamplingOptions options) {
    float[] logits = logits(1);
    double[] wanted = probabilities(logits, options);
    int[] counts = new int[VOCABULARY];
    TokenSampler sampler = new TokenSampler(options, VOCABULARY);
    for (int draw = 0; draw < DRAWS; draw++) {
      counts[sampler.draw(logits, VOCABULARY, RandomDraw.uniform(7, draw / 100, draw % 10, draw / 10 % 10))]++;
    }
    double chiSquare = 0;
    int classes = 0;
    for (int token = 0; token < VOCABULARY; token++) {
      if (wanted[token] == 0) {
        assertThat(counts[token]).as("token %d is left out", token).isZero();
      } else {
        double expected = DRAWS * wanted[token];
        chiSquare += (counts[token] - expected) * (counts[token] - expected) / expected;
        classes++;
      }
    }
    if (classes == 1) {
      assertThat(chiSquare).isZero();
      return;
    }
    // Wilson and Hilferty 1931: the cube root of chi-square over its degrees of freedom is nearly normal.
    double freedom = classes - 1;
    double normal = (Math.cbrt(chiSquare / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
    assertThat(normal).as("chi-square %s of %s classes", chiSquare, classes).isBetween(-QUANTILE, QUANTILE);
  }

  @Test
  void theTestWouldSeeAnotherTemperature() {
    double[] wanted = probabilities(logits(1), new SamplingOptions(1, 0, 1, 0));
    double[] other = probabilities(logits(1), new SamplingOptions(0.95, 0, 1, 0));
    double chiSquare = IntStream.range(0, VOCABULARY).mapToDouble(i -> DRAWS * Math.pow(wanted[i] - other[i], 2) / wanted[i]).sum();
    assertThat(chiSquare).isGreaterThan(120);
  }

  /** As the definitions say, by sorting everything. */
  private static double[] probabilities(float[] logits, SamplingOptions options) {
    Integer[] order = IntStream.range(0, logits.length).boxed()
        .sorted(Comparator.comparing((Integer i) -> -logits[i]).thenComparing(i -> i)).toArray(Integer[]::new);
    double[] weights = new double[logits.length];
    int k = options.topK() == 0 ? logits.length : Math.min(options.topK(), logits.length);
    for (int rank = 0; rank < k; rank++) {
      weights[order[rank]] = Math.exp(logits[order[rank]] / options.temperature());
    }
    double[] probabilities = normalized(weights);
    double before = 0;
    for (Integer token : order) {
      if (before >= options.topP()) {
        weights[token] = 0;
      }
      before += probabilities[token];
    }
    probabilities = normalized(weights);
    double most = Arrays.stream(probabilities).max().orElseThrow();
    for (int token = 0; token < logits.length; token++) {
      weights[token] = probabilities[token] < options.minP() * most ? 0 : weights[token];
    }
    return normalized(weights);
  }

  private static double[] normalized(double[] weights) {
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(weight -> weight / sum).toArray();
  }

  private static float[] logits(long seed) {
    Random random = new Random(seed);
    float[] logits = new float[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      logits[i] = (float) random.nextGaussian();
    }
    return logits;
  }

  @Test
  void greedyTakesTheFirstOfTheMostProbable() {
    TokenSampler greedy = new TokenSampler(SamplingOptions.GREEDY, 4);
    assertThat(greedy.draw(new float[] {-3, -1, -1, Float.NEGATIVE_INFINITY}, 4, 0.9)).isEqualTo(1);
  }

  @Test
  void equalTokensAtTheLimitOfTopKAllStay() {
    TokenSampler sampler = new TokenSampler(new SamplingOptions(1, 2, 1, 0), 4);
    float[] logits = {2, 1, 1, 0};
    assertThat(IntStream.range(0, 100).map(i -> sampler.draw(logits, 4, i / 100.0)).distinct().sorted().toArray())
        .containsExactly(0, 1, 2);
  }

  @Test
  void theEndsOfTheRandomNumbersDrawPossibleTokens() {
    for (SamplingOptions options : options()) {
      TokenSampler sampler = new TokenSampler(options, VOCABULARY);
      double[] wanted = probabilities(logits(1), options);
      assertThat(wanted[sampler.draw(logits(1), VOCABULARY, 0)]).isPositive();
      assertThat(wanted[sampler.draw(logits(1), VOCABULARY, Math.nextDown(1.0))]).isPositive();
    }
  }

  @Test
  void damagedScoresAreReported() {
    TokenSampler sampler = new TokenSampler(new SamplingOptions(1, 0, 1, 0), 2);
    assertThatThrownBy(() -> sampler.draw(new float[] {0, Float.NaN}, 2, 0.5)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not numbers");
    assertThatThrownBy(() -> sampler.draw(new float[] {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}, 2, 0.5))
        .isInstanceOf(IllegalStateException.class).hasMessageContaining("no token possible");
  }

  @Test
  void seenTokensArePenalizedOnceAndTheEndWaits() {
    float[] scores = {2, -2, 3, 4};
    BitSet set = new BitSet();
    new TokenRules(1.5, 3).apply(scores, 0, 0, new int[] {0, 1, 0, 1, 2}, 4, 2, new ControlTokens(0, 3, Set.of()), set);
    assertThat(scores).containsExactly(2 / 1.5f, -3, 3, Float.NEGATIVE_INFINITY);
    assertThat(set.isEmpty()).isTrue();
    new TokenRules(1, 3).apply(scores, 0, 0, new int[] {0}, 1, 3, new ControlTokens(0, 2, Set.of()), set);
    assertThat(scores[2]).isEqualTo(3);
    float[] rows = {0, 0, 0, 0, 7, 7, 7, 7};
    new TokenRules(1, 0, 0, 4).apply(rows, 4, 0, new int[] {0, 1, 0, 1}, 3, 0, new ControlTokens(0, 3, Set.of(1), Set.of()), set);
    assertThat(rows).containsExactly(0, 0, 0, 0, 7, Float.NEGATIVE_INFINITY, 7, Float.NEGATIVE_INFINITY);
  }

  @Test
  void thePenaltyIsForWhatIsLeftWithoutTheNormalizer() {
    float[] scores = {5, 1};
    new TokenRules(2, 0).apply(scores, 0, 6, new int[] {0}, 1, 0, new ControlTokens(1, 1, Set.of()), new BitSet());
    assertThat(scores).containsExactly(4, 1);
  }

  /** From the definition: a run of n tokens that the text holds does not come to stand at its end again. */
  @Test
  void noRunOfTokensComesTwice() {
    Random random = new Random(4);
    for (int length = 0; length < 40; length++) {
      int[] text = random.ints(length, 0, 4).toArray();
      for (int n = 1; n < 5; n++) {
        float[] scores = new float[4];
        new TokenRules(1, n, 0, 0).apply(scores, 0, 0, text, length, length, new ControlTokens(0, 3, Set.of()), new BitSet());
        for (int token = 0; token < 4; token++) {
          int[] longer = Arrays.copyOf(text, length + 1);
          longer[length] = token;
          boolean repeats = false;
          for (int start = 0; start + n < longer.length; start++) {
            repeats |= Arrays.equals(longer, start, start + n, longer, longer.length - n, longer.length);
          }
          assertThat(scores[token]).as("%d-gram of %d after %s", n, token, Arrays.toString(text))
              .isEqualTo(repeats ? Float.NEGATIVE_INFINITY : 0);
        }
      }
    }
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new SamplingOptions(-1, 0, 1, 0)).hasMessageContaining("temperature: -1.0");
    assertThatThrownBy(() -> new SamplingOptions(1, -1, 1, 0)).hasMessageContaining("top-k: -1");
    assertThatThrownBy(() -> new SamplingOptions(1, 0, 0, 0)).hasMessageContaining("top-p: 0.0");
    assertThatThrownBy(() -> new SamplingOptions(1, 0, 1, 1.5)).hasMessageContaining("min-p: 1.5");
    assertThatThrownBy(() -> new TokenRules(0, 0)).hasMessageContaining("repetition penalty: 0.0");
    assertThatThrownBy(() -> new TokenRules(1, -1, 0, 0)).hasMessageContaining("n-grams that must not repeat: -1");
    assertThatThrownBy(() -> new TokenRules(1, 0, 0, -1)).hasMessageContaining("minimum length: -1");
    assertThatThrownBy(() -> new TokenRules(1, -1)).hasMessageContaining("minimum of new tokens: -1");
  }
}
