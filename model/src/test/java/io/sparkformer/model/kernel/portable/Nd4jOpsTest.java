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

  /** Threads that add to the same row must not lose sums; where they do, it is seldom, so this is tried often. */
  @Test
  void rowsThatOccurOftenAreSummedUp() {
    int[] rows = new int[100_000];
    Arrays.setAll(rows, i -> i % 2);
    INDArray ones = Nd4j.ones(DataType.FLOAT, rows.length, 4);
    for (int attempt = 0; attempt < 8; attempt++) {
      INDArray to = Nd4j.zeros(DataType.FLOAT, 3, 4);
      Nd4jOps.scatterAdd(ones, rows, to);
      assertThat(to.sum(1).toDoubleVector()).containsExactly(2.0 * rows.length, 2.0 * rows.length, 0);
    }
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
