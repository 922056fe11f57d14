package io.sparkformer.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.memory.FloatRegion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateLoopsTest {
  private static final AdamFactors FACTORS = AdamFactors.of(new AdamSettings(0.9, 0.98, 1e-9), 3, 0.25, 1e-3);

  private final SplittableRandom random = new SplittableRandom(7);

  static Stream<UpdateLoops> all() {
    return Stream.of(new TiledLoops(), new VectorLoops());
  }

  private float[] values(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) ((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-6, 3)));
    }
    return values;
  }

  /** In two pieces of memory, so that some loop meets the seam. */
  private static FloatRegion apart(float[] values, int seam) {
    return FloatRegion.join(FloatRegion.copyOf(Arrays.copyOf(values, seam)),
        FloatRegion.copyOf(Arrays.copyOfRange(values, seam, values.length)));
  }

  @Test
  void thisMachineUsesVectors() {
    assertThat(UpdateLoops.fastest()).isInstanceOf(VectorLoops.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 63, 64, 65, 127, 4095, 4096, 4097, 8191, 70_001})
  void bothLoopsAgreeToTheLastBit(int length) {
    List<float[]> arrays = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      arrays.add(values(length));
    }
    float[] positive = values(length);
    for (int i = 0; i < length; i++) {
      positive[i] = Math.abs(positive[i]);
    }
    List<List<float[]>> results = all().map(loops -> {
      List<FloatRegion> regions = arrays.stream().map(FloatRegion::copyOf).toList();
      FloatRegion second = FloatRegion.copyOf(positive);
      FloatRegion sum = FloatRegion.allocate(length);
      loops.add(regions, sum, 0, length);
      loops.add(regions, regions.get(2), 0, length);
      loops.adam(regions.get(0), regions.get(2), regions.get(1), second, 0, length, FACTORS);
      float[] squares = {(float) loops.squares(sum, 0, length), (float) loops.squares(sum, length / 3, length)};
      return List.of(sum.toArray(), regions.get(0).toArray(), regions.get(1).toArray(), regions.get(2).toArray(), second.toArray(),
          squares);
    }).toList();
    for (int i = 0; i < results.get(0).size(); i++) {
      assertThat(results.get(1).get(i)).as("result %d", i).isEqualTo(results.get(0).get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 100, 4096, 5000})
  void memoryInPiecesGivesTheSame(int seam) {
    float[] a = values(9000);
    float[] b = values(9000);
    float[] c = values(9000);
    for (UpdateLoops loops : all().toList()) {
      FloatRegion whole = FloatRegion.allocate(9000);
      FloatRegion parts = apart(new float[9000], seam);
      loops.add(List.of(FloatRegion.copyOf(a), FloatRegion.copyOf(b), FloatRegion.copyOf(c)), whole, 0, 9000);
      loops.add(List.of(apart(a, 9000 - seam), FloatRegion.copyOf(b), apart(c, seam)), parts, 0, 9000);
      assertThat(parts.toArray()).isEqualTo(whole.toArray());
      assertThat(loops.squares(parts, 0, 9000)).isEqualTo(loops.squares(whole, 0, 9000));
      FloatRegion first = FloatRegion.allocate(9000);
      FloatRegion second = apart(new float[9000], seam);
      FloatRegion firstOfParts = apart(new float[9000], 9000 - seam);
      FloatRegion secondOfParts = FloatRegion.allocate(9000);
      FloatRegion gradient = FloatRegion.copyOf(b);
      loops.adam(whole, gradient, first, second, 0, 9000, FACTORS);
      loops.adam(parts, gradient, firstOfParts, secondOfParts, 0, 9000, FACTORS);
      assertThat(parts.toArray()).isEqualTo(whole.toArray());
      assertThat(firstOfParts.toArray()).isEqualTo(first.toArray());
      assertThat(secondOfParts.toArray()).isEqualTo(second.toArray());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theSumIsInOrderAndTheSquaresAreThoseOfDoublePrecision(UpdateLoops loops) {
    int length = 10_007;
    List<float[]> arrays = List.of(values(length), values(length), values(length), values(length));
    List<FloatRegion> regions = arrays.stream().map(FloatRegion::copyOf).toList();
    loops.add(regions, regions.get(1), 5, length - 3);
    double squares = 0;
    for (int i = 0; i < length; i++) {
      boolean within = i >= 5 && i < length - 3;
      float sum = arrays.get(0)[i] + arrays.get(1)[i] + arrays.get(2)[i] + arrays.get(3)[i];
      assertThat(regions.get(1).at(i)).as("element %d", i).isEqualTo(within ? sum : arrays.get(1)[i]);
      squares += (double) regions.get(1).at(i) * regions.get(1).at(i);
    }
    assertThat(loops.squares(regions.get(1), 0, length)).isCloseTo(squares, within(1e-6 * squares));
  }

  @ParameterizedTest
  @MethodSource("all")
  void squaresAreNotFiniteWhenAnElementIsNot(UpdateLoops loops) {
    for (int place : new int[] {0, 63, 4096, 4999}) {
      for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
        float[] values = values(5000);
        values[place] = bad;
        assertThat(loops.squares(FloatRegion.copyOf(values), 0, 5000)).isNotFinite();
      }
    }
  }
}
