package io.sparkformer.model.kernel.cpu.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.Team;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SharedArithmeticTest {
  private static final int ROWS = 96;
  private static final int COLUMNS = 64;

  private final SharedArithmetic arithmetic = new SharedArithmetic(new EmulatedBfloat16Arithmetic());
  private final INDArray values = Nd4j.rand(ROWS, COLUMNS);

  @Test
  void weightsOfTheSameMemoryAreTheSame() {
    Arithmetic.Weights weights = arithmetic.weights(Matrix.of(values));
    assertThat(arithmetic.weights(Matrix.of(values))).isSameAs(weights);
    assertThat(arithmetic.weights(Matrix.of(values.dup()))).isNotSameAs(weights);
    assertThat(arithmetic.weights(Matrix.of(values).rows(0, ROWS / 2))).isNotSameAs(weights);
    assertThat(arithmetic.weights(Matrix.of(values).rows(0, ROWS / 2))).isSameAs(arithmetic.weights(Matrix.of(values).rows(0, ROWS / 2)));
  }

  @Test
  void whatIsDerivedIsMadeOnceAndCounted() {
    Team team = new Team(1);
    arithmetic.weights(Matrix.of(values)).prepare(team, Pass.INFERENCE);
    arithmetic.weights(Matrix.of(values)).prepare(team, Pass.INFERENCE);
    assertThat(arithmetic.derived().bytes()).isEqualTo((long) Float.BYTES * ROWS * COLUMNS);
    long nanos = arithmetic.derived().nanos();
    assertThat(nanos).isPositive();
    arithmetic.weights(Matrix.of(values)).prepare(team, Pass.INFERENCE);
    assertThat(arithmetic.derived().nanos()).isEqualTo(nanos);
    arithmetic.parametersChanged();
    arithmetic.weights(Matrix.of(values)).prepare(team, Pass.INFERENCE);
    assertThat(arithmetic.derived().nanos()).isGreaterThan(nanos);
  }
}
