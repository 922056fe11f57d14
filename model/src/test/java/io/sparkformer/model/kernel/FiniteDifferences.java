package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compares backward passes with central differences of the forward pass, in double precision. The loss is the sum of the outputs, each
 * times a number of its own. Gradients of parameters are 1 before, so that a kernel that does not add to them is found.
 */
final class FiniteDifferences {
  static final Pass TRAINING = Pass.training(2);
  private static final double STEP = 1e-5;
  /** Elements of each array that are checked, chosen at random. */
  private static final int CHECKED = 15;

  private final Memory memory;
  private final Random random = new Random(17);
  private final List<Weight> weights = new ArrayList<>();

  FiniteDifferences(Memory memory) {
    this.memory = memory;
  }

  INDArray array(long... shape) {
    INDArray array = Nd4j.create(DataType.DOUBLE, shape, 'c');
    for (long i = 0; i < array.length(); i++) {
      array.putScalar(i, random.nextGaussian());
    }
    return array;
  }

  /** INT {@code [length]}, each at least 0 and below {@code bound}. */
  INDArray integers(int length, int bound) {
    return Nd4j.createFromArray(random.ints(length, 0, bound).toArray());
  }

  /** A parameter whose gradient is checked. */
  Weight weight(long... shape) {
    Weight weight = new Weight(array(shape), Nd4j.ones(DataType.DOUBLE, shape));
    weights.add(weight);
    return weight;
  }

  /** Checks the gradients of the inputs and of all parameters. */
  void check(Supplier<Forward> kernel, INDArray... inputs) {
    long mark = memory.mark();
    long usedBefore = memory.used();
    Forward forward = kernel.get();
    INDArray factors = array(forward.output().shape());
    INDArray[] gradients = forward.backward().run(factors.dup(), memory);
    assertThat(gradients).hasSameSizeAs(inputs);
    for (int i = 0; i < inputs.length; i++) {
      gradients[i] = gradients[i].dup();
    }
    memory.release(mark);
    assertThat(memory.used()).isEqualTo(usedBefore);
    DoubleSupplier loss = () -> {
      INDArray output = kernel.get().output();
      double sum = output.mul(factors).sumNumber().doubleValue();
      memory.release(mark);
      return sum;
    };
    assertThat(loss.getAsDouble()).as("a second forward pass").isEqualTo(loss.getAsDouble());
    check(loss, gradients, inputs);
  }

  /** Checks gradients that are computed already. */
  void check(DoubleSupplier loss, INDArray[] gradients, INDArray[] inputs) {
    for (int i = 0; i < inputs.length; i++) {
      check("input " + i, loss, inputs[i], gradients[i]);
    }
    for (int i = 0; i < weights.size(); i++) {
      check("weight " + i, loss, weights.get(i).value(), weights.get(i).gradient().sub(1));
    }
  }

  private void check(String what, DoubleSupplier loss, INDArray value, INDArray gradient) {
    assertThat(gradient.shape()).as(what).isEqualTo(value.shape());
    for (long i : random.longs(CHECKED, 0, value.length()).distinct().toArray()) {
      double at = value.getDouble(i);
      value.putScalar(i, at + STEP);
      double above = loss.getAsDouble();
      value.putScalar(i, at - STEP);
      double below = loss.getAsDouble();
      value.putScalar(i, at);
      double slope = (above - below) / (2 * STEP);
      assertThat(gradient.getDouble(i)).as("%s[%d]", what, i).isCloseTo(slope, within(1e-6 * Math.max(1, Math.abs(slope))));
    }
  }
}
