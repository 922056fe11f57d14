package io.sparkformer.model.kernel.cpu.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkformer.model.kernel.compare.Sample;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Int8OperandTest {
  private static final int ROWS = 37;
  private static final int COLUMNS = 45;

  private final Matrix values = Matrix.of(new Sample(1).array(ROWS, COLUMNS));

  @BeforeAll
  static void needsVectorsOf256Bits() {
    assumeTrue(Lanes.F.vectorBitSize() >= 256, "8-bit integers need vectors of 256 bits, here they have " + Lanes.F.vectorBitSize());
  }

  private Int8Operand kept(Role role, int blockRows) {
    Int8Operand operand = Int8Operand.of(new HostMemory(), role, ROWS, COLUMNS);
    for (int from = 0; from < ROWS; from += blockRows) {
      operand.keep(values.rows(from, Math.min(ROWS, from + blockRows)), from);
    }
    return operand;
  }

  private float value(int row, int column) {
    return Lanes.at(values.bytes(), values.place(row, column));
  }

  /** To nearest: half a step off at most; stochastically: less than a step. */
  @ParameterizedTest
  @EnumSource
  void rowsComeBackToWithinTheirStep(Role role) {
    Int8Operand operand = kept(role, ROWS);
    Matrix wide = operand.floats(0, ROWS);
    double steps = role == Role.GRADIENT ? 1 : 0.5;
    double furthest = 0;
    for (int i = 0; i < ROWS; i++) {
      float largest = 0;
      for (int j = 0; j < COLUMNS; j++) {
        largest = Math.max(largest, Math.abs(value(i, j)));
        double difference = Lanes.at(wide.bytes(), wide.place(i, j)) - value(i, j);
        assertThat(difference).isCloseTo(0, within(steps * operand.scale(i) * (1 + 1e-4)));
        furthest = Math.max(furthest, Math.abs(difference) / operand.scale(i));
      }
      assertThat(operand.scale(i)).isEqualTo(largest / 127);
    }
    assertThat(furthest).isGreaterThan(0.9 * steps);
  }

  @ParameterizedTest
  @EnumSource
  void aRowBecomesTheSameInEveryBlock(Role role) {
    Int8Operand together = kept(role, ROWS);
    Int8Operand apart = kept(role, 5);
    for (int i = 0; i < ROWS; i++) {
      assertThat(apart.scale(i)).isEqualTo(together.scale(i));
      for (int j = 0; j < COLUMNS; j++) {
        assertThat(apart.bytes().get(apart.place(i, j))).isEqualTo(together.bytes().get(together.place(i, j)));
      }
    }
  }

  @Test
  void aRectangleHasTheIntegersAndScalesOfItsRows() {
    Int8Operand whole = kept(Role.ACTIVATION, ROWS);
    Int8Operand part = whole.rows(3, 30).columns(7, 20).rows(1, 4);
    assertThat(part.rows()).isEqualTo(3);
    assertThat(part.columns()).isEqualTo(13);
    Matrix wide = part.floats(1, 3);
    for (int i = 1; i < 3; i++) {
      assertThat(part.scale(i)).isEqualTo(whole.scale(4 + i));
      for (int j = 0; j < 13; j++) {
        byte integer = whole.bytes().get(whole.place(4 + i, 7 + j));
        assertThat(part.address(i, j)).isEqualTo(whole.address(4 + i, 7 + j));
        assertThat(Lanes.at(wide.bytes(), wide.place(i - 1, j))).isEqualTo(integer * whole.scale(4 + i));
      }
    }
  }
}
