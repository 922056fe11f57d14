package io.sparkformer.model.kernel.portable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class Nd4jOpsTest {
  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"FLOAT", "DOUBLE"})
  void softmaxOfHugeScores(DataType type) {
    for (double base : new double[] {-1e6, -1000, 0, 1000, 1e6}) {
      INDArray x = Nd4j.create(type, new long[] {2, 2, 3}, 'c').assign(base);
      x.putScalar(5, base + 1);
      double[] softmax = Nd4jOps.softmaxInPlace(x).reshape(x.length()).toDoubleVector();
      double sum = 2 + Math.E;
      assertThat(softmax).as("%s", base).usingComparatorWithPrecision(1e-6).containsExactly(
          1.0 / 3, 1.0 / 3, 1.0 / 3, 1 / sum, 1 / sum, Math.E / sum, 1.0 / 3, 1.0 / 3, 1.0 / 3, 1.0 / 3, 1.0 / 3, 1.0 / 3);
    }
  }

  /** Threads that add to the same row must not lose sums. */
  @Test
  void rowsThatOccurOftenAreSummedUp() {
    int count = 20_000;
    int[] rows = new int[count];
    Arrays.setAll(rows, i -> i % 3 == 0 ? 1 : 0);
    INDArray to = Nd4j.zeros(DataType.FLOAT, 3, 4);
    Nd4jOps.scatterAdd(Nd4j.ones(DataType.FLOAT, count, 4), rows, to);
    int ones = (int) Arrays.stream(rows).filter(row -> row == 1).count();
    assertThat(to.sum(1).toDoubleVector()).containsExactly(4.0 * (count - ones), 4.0 * ones, 0);
  }

  @Test
  void memoryCountsWhatIsTakenAndGivesItBack() {
    Nd4jMemory memory = new Nd4jMemory();
    memory.array(DataType.FLOAT, 3, 4);
    long mark = memory.mark();
    INDArray later = memory.array(DataType.DOUBLE, 5);
    assertThat(memory.used()).isEqualTo(3 * 4 * 4 + 5 * 8);
    memory.release(mark);
    assertThat(later.wasClosed()).isTrue();
    assertThat(memory.used()).isEqualTo(3 * 4 * 4);
    assertThat(memory.peak()).isEqualTo(3 * 4 * 4 + 5 * 8);
    memory.resetPeak();
    assertThat(memory.peak()).isEqualTo(3 * 4 * 4);
  }
}
