package io.sparkformer.model.kernel.cpu.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.compare.Sample;
import io.sparkformer.model.kernel.cpu.memory.Buffer;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.Team;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PrimitivesTest {
  @BeforeEach
  void nd4jsNativesComeFirst() {
    Team.useOneThread();
  }

  @Test
  void primitivesAreBoundedAndMadeAgainWhenNeeded() {
    Primitives primitives = Primitives.bfloat16();
    Floats from = Floats.allocate(2L * Primitives.MOST);
    Floats to = Floats.allocate(2L * Primitives.MOST);
    for (int i = 0; i < 2 * Primitives.MOST; i++) {
      from.bytes().putShort(2 * i, (short) i);
    }
    for (int round = 0; round < 2; round++) {
      for (int rows = 2; rows < Primitives.MOST + 20; rows += round == 0 ? 1 : 500) {
        primitives.reorder(new Primitives.Transposition(rows, 2, 2), from.address(), to.address());
        assertThat(to.bytes().getShort(2)).isEqualTo((short) 2);
        assertThat(to.bytes().getShort(2 * rows)).isEqualTo((short) 1);
      }
      assertThat(primitives.size()).isEqualTo(Primitives.MOST);
    }
  }

  @Test
  void batchesOfAllSizesShareFewPrimitives() {
    Team team = new Team(1);
    Arithmetic arithmetic = new Bfloat16Arithmetic();
    Sample sample = new Sample(3);
    Matrix values = Matrix.of(sample.array(96, 64));
    Matrix gradient = Matrix.of(sample.array(96, 64));
    Arithmetic.Weights weights = arithmetic.weights(values);
    weights.prepare(team, Pass.training(0));
    int before = Primitives.bfloat16().size();
    HostMemory memory = new HostMemory();
    for (int rows = 1; rows < 600; rows += 7) {
      Operand x = arithmetic.operand(memory, Role.ACTIVATION, Matrix.of(sample.array(rows, 64)));
      Operand dy = arithmetic.operand(memory, Role.GRADIENT, Matrix.of(sample.array(rows, 96)));
      weights.multiply(x, 0, 96, new Buffer().matrix(rows, 96));
      weights.multiplyBackward(dy, new Buffer().matrix(rows, 64));
      arithmetic.addWeightGradients(team, new Arithmetic.WeightGradient(dy, x, gradient));
      memory.release(0);
    }
    assertThat(Primitives.bfloat16().size() - before).isLessThan(40);
  }
}
