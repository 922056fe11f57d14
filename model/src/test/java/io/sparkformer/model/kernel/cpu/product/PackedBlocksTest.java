package io.sparkformer.model.kernel.cpu.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with packed weights: right, and of each row the same whatever other rows there are. */
class PackedBlocksTest {
  private static final int OUTPUTS = 300;
  private final Team team = new Team(1);

  /** Numbers whose sums are exact: any order of adding gives the same. */
  private static Matrix integers(int rows, int columns, int seed) {
    Random random = new Random(seed);
    Matrix matrix = Matrix.zeros(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        Lanes.put(random.nextInt(17) - 8, matrix.bytes(), matrix.place(i, j));
      }
    }
    return matrix;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 15, 31, 32, 33, 63, 256, 257, 300})
  void floatsOfAnyNumberOfRows(int rows) {
    Matrix values = integers(OUTPUTS, 100, 1);
    Arithmetic.Weights weights = new Float32Arithmetic().weights(values).forInference();
    weights.prepare(team, Pass.INFERENCE);
    Matrix x = integers(rows, 100, 2);
    Matrix found = Matrix.zeros(rows, OUTPUTS);
    weights.multiply(new FloatOperand(x), 0, OUTPUTS, found);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < OUTPUTS; j++) {
        float expected = 0;
        for (int k = 0; k < 100; k++) {
          expected += Lanes.at(x.bytes(), x.place(i, k)) * Lanes.at(values.bytes(), values.place(j, k));
        }
        assertThat(Lanes.at(found.bytes(), found.place(i, j))).as("[%d, %d]", i, j).isEqualTo(expected);
      }
    }
  }

  private static Stream<Primitives> kinds() {
    return Stream.of(Primitives.float32(), Primitives.bfloat16(), Primitives.int8());
  }

  @Test
  void fewRowsArePaddedToFewCounts() {
    assertThat(kinds()).allSatisfy(primitives -> {
      RowCounts counts = RowCounts.of(primitives);
      int[] all = IntStream.rangeClosed(1, 32).map(counts::atLeast).distinct().toArray();
      assertThat(all).isSorted().hasSizeLessThanOrEqualTo(6).endsWith(32);
      assertThat(IntStream.rangeClosed(1, 32)).allMatch(rows -> counts.atLeast(rows) >= Math.max(2, rows));
    });
  }
}
