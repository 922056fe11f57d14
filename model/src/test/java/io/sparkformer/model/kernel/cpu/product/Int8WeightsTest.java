package io.sparkformer.model.kernel.cpu.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.compare.Sample;
import io.sparkformer.model.kernel.cpu.Int8Kernels;
import io.sparkformer.model.kernel.cpu.memory.Buffer;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Products beyond the sizes of pieces, parts and groups of rows. Most values are integers up to 127 times a power of two that is their
 * row's, or column's, scale: nothing is rounded, and results are exact.
 */
class Int8WeightsTest {
  private final Random random = new Random(1);
  private final Int8Arithmetic arithmetic = new Int8Arithmetic();
  private final Team team = new Team(2);

  @BeforeAll
  static void needsVnni() {
    Int8Kernels.assumeTheyRun();
  }

  private int integer() {
    return random.nextInt(-127, 128);
  }

  private static Matrix matrix(int rows, int columns) {
    return new Buffer().matrix(rows, columns);
  }

  private static float at(Matrix matrix, int row, int column) {
    return Lanes.at(matrix.bytes(), matrix.place(row, column));
  }

  private static void put(double value, Matrix matrix, int row, int column) {
    Lanes.put((float) value, matrix.bytes(), matrix.place(row, column));
  }

  /** Every row has a largest magnitude of 127 units. */
  private Matrix integerRows(int rows, int columns, IntToDoubleFunction unit) {
    Matrix matrix = matrix(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        put(unit.applyAsDouble(i) * (j == i % columns ? 127 : integer()), matrix, i, j);
      }
    }
    return matrix;
  }

  /** Every column has a largest magnitude of 127 units. */
  private Matrix integerColumns(int rows, int columns, IntToDoubleFunction unit) {
    Matrix matrix = matrix(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        put(unit.applyAsDouble(j) * (i == j % rows ? -127 : integer()), matrix, i, j);
      }
    }
    return matrix;
  }

  private Int8Operand operand(Role role, Matrix rows) {
    Int8Operand operand = Int8Operand.of(new HostMemory(), role, rows.rows(), rows.columns());
    operand.keep(rows, 0);
    return operand;
  }

  private static double unit(int i) {
    return Math.pow(2, i % 5 - 2);
  }

  private Matrix forward(Arithmetic.Weights weights, Matrix x, int from, int to) {
    Matrix y = matrix(x.rows(), to - from);
    weights.multiply(operand(Role.ACTIVATION, x), from, to, y);
    return y;
  }

  private static void assertForward(Matrix x, Matrix values, int from, Matrix y) {
    for (int i = 0; i < y.rows(); i++) {
      for (int j = 0; j < y.columns(); j++) {
        double expected = 0;
        for (int k = 0; k < x.columns(); k++) {
          expected += (double) at(x, i, k) * at(values, from + j, k);
        }
        assertThat((double) at(y, i, j)).as("[%d, %d]", i, j).isEqualTo(expected);
      }
    }
  }

  @Test
  void forwardProductsHaveTheScalesOfRowsAndOutputs() {
    Matrix values = integerRows(1200, 130, Int8WeightsTest::unit);
    Arithmetic.Weights weights = arithmetic.weights(values);
    weights.prepare(team, Pass.INFERENCE);
    Matrix x = integerRows(11, 130, i -> unit(2 * i));
    assertForward(x, values, 0, forward(weights, x, 0, 1200));
    RowBlocks blocks = weights.outputBlocks();
    assertForward(x, values, blocks.start(1), forward(weights, x, blocks.start(1), blocks.end(3)));
  }

  private void assertBackward(int rows, int outputs, int inputs) {
    Matrix values = integerColumns(outputs, inputs, Int8WeightsTest::unit);
    Arithmetic.Weights weights = arithmetic.weights(values);
    weights.prepare(team, Pass.training(1));
    Matrix dy = integerRows(rows, outputs, i -> unit(3 * i));
    Matrix dx = matrix(rows, inputs);
    weights.multiplyBackward(operand(Role.GRADIENT, dy), dx);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < inputs; j++) {
        double expected = 0;
        for (int k = 0; k < outputs; k++) {
          expected += (double) at(dy, i, k) * at(values, k, j);
        }
        assertThat((double) at(dx, i, j)).as("[%d, %d]", i, j).isEqualTo(expected);
      }
    }
  }

  @Test
  void backwardProductsHaveTheScalesOfRowsAndInputs() {
    assertBackward(11, 600, 1100);
  }

  /** Whole blocks of 32 rows, and what is left of them; in one piece of outputs and in several. */
  @Test
  void anyNumberOfRowsIsMultiplied() {
    for (int rows : new int[] {1, 31, 32, 33, 64, 255, 256, 257, 300}) {
      Matrix values = integerRows(70, 45, Int8WeightsTest::unit);
      Arithmetic.Weights weights = arithmetic.weights(values);
      weights.prepare(team, Pass.INFERENCE);
      Matrix x = integerRows(rows, 45, i -> unit(2 * i));
      assertForward(x, values, 0, forward(weights, x, 0, 70));
      assertBackward(rows, 80, 9);
    }
    assertBackward(35, 2500, 7);
  }

  @Test
  void largestSumsAreExact() {
    Matrix values = matrix(3, Int8Weights.LONGEST_INNER);
    Matrix x = matrix(2, Int8Weights.LONGEST_INNER);
    for (int k = 0; k < Int8Weights.LONGEST_INNER; k++) {
      for (int i = 0; i < 3; i++) {
        put(i == 1 ? -127 : 127, values, i, k);
        put(127, x, i / 2, k);
      }
    }
    Arithmetic.Weights weights = arithmetic.weights(values);
    weights.prepare(team, Pass.INFERENCE);
    assertForward(x, values, 0, forward(weights, x, 0, 3));
  }

  @Test
  void aVocabularyOfAnySizeIsSummedUp() {
    assertBackward(2, Int8Weights.LONGEST_INNER + 5, 3);
    assertBackward(1, 2 * Int8Weights.LONGEST_INNER + 1, 1);
  }

  @Test
  void weightsAreRoundedAgainAfterAnUpdateAndNotBefore() {
    Matrix values = integerRows(40, 33, i -> 1);
    Matrix before = matrix(40, 33);
    copy(values, before);
    Arithmetic.Weights weights = arithmetic.weights(values);
    weights.prepare(team, Pass.INFERENCE);
    Matrix x = integerRows(5, 33, i -> 1);
    copy(integerRows(40, 33, i -> 0.5), values);
    weights.prepare(team, Pass.training(1));
    assertForward(x, before, 0, forward(weights, x, 0, 40));
    arithmetic.parametersChanged();
    weights.prepare(team, Pass.INFERENCE);
    assertForward(x, values, 0, forward(weights, x, 0, 40));
  }

  private static void copy(Matrix from, Matrix to) {
    for (int i = 0; i < from.rows(); i++) {
      for (int j = 0; j < from.columns(); j++) {
        put(at(from, i, j), to, i, j);
      }
    }
  }

  private Matrix weightGradient(Int8Operand dy, Int8Operand x) {
    Matrix gradient = integerRows(dy.columns(), x.columns(), i -> 1);
    arithmetic.addWeightGradients(team, new Arithmetic.WeightGradient(dy, x, gradient));
    return gradient;
  }

  /** The product of both scales is the same for all rows of a group. */
  @Test
  void weightGradientsHaveTheScalesOfBothRowsAndOfTheirGroup() {
    int rows = 2300;
    RowBlocks groups = RowBlocks.of(rows, 1024, Int8Operand.PADDING);
    Matrix dy = integerRows(rows, 300, i -> unit(i));
    Matrix x = integerRows(rows, 530, i -> (1 + (i >= groups.start(1) ? 1 : 0) + (i >= groups.start(2) ? 2 : 0)) / unit(i));
    random.setSeed(5);
    Matrix gradient = weightGradient(operand(Role.GRADIENT, dy), operand(Role.ACTIVATION, x));
    random.setSeed(5);
    Matrix expected = integerRows(300, 530, i -> 1);
    for (int k = 0; k < 300; k++) {
      double[] sums = new double[530];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < 530; j++) {
          sums[j] += (double) at(dy, i, k) * at(x, i, j);
        }
      }
      for (int j = 0; j < 530; j++) {
        assertThat((double) at(gradient, k, j)).as("[%d, %d]", k, j).isEqualTo(at(expected, k, j) + sums[j]);
      }
    }
  }

  /**
   * Where scales differ, a term is off by less than a step of its group's largest, with a deviation of half that at most; and by as
   * much above as below.
   */
  @Test
  void weightGradientsOfUnequalRowsAreRightOnAverage() {
    int rows = 1500;
    Sample sample = new Sample(8);
    Matrix dyRows = Matrix.of(sample.array(rows, 60));
    Matrix xRows = Matrix.of(sample.array(rows, 50));
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < 60; k++) {
        put(at(dyRows, i, k) * Math.pow(0.4, i % 9), dyRows, i, k);
      }
    }
    Int8Operand dy = operand(Role.GRADIENT, dyRows);
    Int8Operand x = operand(Role.ACTIVATION, xRows);
    random.setSeed(6);
    Matrix gradient = weightGradient(operand(Role.GRADIENT, dyRows), x);
    random.setSeed(6);
    Matrix before = integerRows(60, 50, i -> 1);
    float largest = 0;
    for (int i = 0; i < rows; i++) {
      largest = Math.max(largest, dy.scale(i) * x.scale(i));
    }
    double squaredErrors = 0;
    double squaredBounds = 0;
    for (int k = 0; k < 60; k++) {
      for (int j = 0; j < 50; j++) {
        double expected = at(before, k, j);
        double squares = 0;
        for (int i = 0; i < rows; i++) {
          int integer = x.bytes().get(x.place(i, j));
          expected += (double) dy.scale(i) * dy.bytes().get(dy.place(i, k)) * x.scale(i) * integer;
          squares += integer * integer;
        }
        double deviation = largest * Math.sqrt(squares) / 2;
        double error = at(gradient, k, j) - expected;
        assertThat(error).as("[%d, %d]", k, j).isCloseTo(0, within(5 * deviation));
        squaredErrors += error * error;
        squaredBounds += deviation * deviation;
      }
    }
    assertThat(squaredErrors).isBetween(1e-3 * squaredBounds, squaredBounds);
  }

  @Test
  void rowsOfZerosAddNothingAndANanReachesEveryWeight() {
    Matrix dy = matrix(20, 30);
    Matrix x = integerRows(20, 40, i -> 1);
    for (int i = 0; i < 20 * 30; i++) {
      put(0, dy, i / 30, i % 30);
    }
    random.setSeed(7);
    Matrix untouched = weightGradient(operand(Role.GRADIENT, dy), operand(Role.ACTIVATION, x));
    random.setSeed(7);
    Matrix before = integerRows(30, 40, i -> 1);
    put(Double.NaN, dy, 13, 29);
    Matrix gradient = weightGradient(operand(Role.GRADIENT, dy), operand(Role.ACTIVATION, x));
    for (int k = 0; k < 30; k++) {
      for (int j = 0; j < 40; j++) {
        assertThat(at(untouched, k, j)).isEqualTo(at(before, k, j));
        assertThat(at(gradient, k, j)).isNaN();
      }
    }
  }
}
