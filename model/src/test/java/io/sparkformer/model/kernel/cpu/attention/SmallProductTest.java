package io.sparkformer.model.kernel.cpu.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every block of a product, to the bit, against the sum of products in the order of {@code k}. */
class SmallProductTest {
  private static final int[] ROWS = {1, 3, 4, 7, 8, 13, 21};
  private static final int INNER = 11;
  /** What is no part of a result stays as it is. */
  private static final float UNTOUCHED = 7;

  private static float[] random(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private static float sum(float start, int k, float[] a, int aAt, int aColumn, float[] b, int bAt, int bRow) {
    float sum = start;
    for (int p = 0; p < k; p++) {
      sum = Math.fma(a[aAt + p * aColumn], b[bAt + p * bRow], sum);
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void elementsAreSumsInTheOrderOfTheInnerDimension(int vectors) {
    int n = vectors * Lanes.COUNT;
    Random random = new Random(1);
    for (int m : ROWS) {
      for (SmallProduct.Sum sum : SmallProduct.Sum.values()) {
        float[] a = random(random, 2 + m * INNER);
        float[] b = random(random, 3 + INNER * (n + 5));
        float[] before = random(random, 4 + m * (n + 1));
        float[] c = before.clone();
        // A is transposed: its column p begins at 2 + p * m.
        SmallProduct.multiply(Band.ALL, sum, m, n, INNER, a, 2, 1, m, b, 3, n + 5, c, 4, n + 1);
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            float start = sum == SmallProduct.Sum.NEW ? 0 : before[4 + i * (n + 1) + j];
            assertThat(c[4 + i * (n + 1) + j]).as("%d x %d, %s, element [%d, %d]", m, n, sum, i, j)
                .isEqualTo(sum(start, INNER, a, 2 + i, m, b, 3 + j, n + 5));
          }
          assertThat(c[4 + i * (n + 1) + n]).isEqualTo(before[4 + i * (n + 1) + n]);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-40, -9, 0, 3, 30, 80})
  void visibleElementsAreMadeAndHiddenOnesAreThoseOfTheWholeProductOrLeftOut(int low) {
    Random random = new Random(2);
    int m = 37;
    int n = 6 * Lanes.COUNT;
    Band band = new Band(low, low + 50);
    float[] a = random(random, m * INNER);
    float[] b = random(random, INNER * n);
    float[] c = new float[m * n];
    Arrays.fill(c, UNTOUCHED);
    SmallProduct.multiplyVisible(band, m, n, INNER, a, 0, INNER, 1, b, 0, n, c, 0, n);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float whole = sum(0, INNER, a, i * INNER, 1, b, j, n);
        if (j - i >= band.low() && j - i <= band.high()) {
          assertThat(c[i * n + j]).as("[%d, %d]", i, j).isEqualTo(whole);
        } else {
          assertThat(c[i * n + j]).as("[%d, %d]", i, j).isIn(whole, UNTOUCHED);
        }
      }
    }
  }
}
