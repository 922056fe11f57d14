package io.sparkformer.model.kernel.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.provider.Arguments;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Kernels of one precision beside the portable ones, which compute in double precision, so that a difference is the error of the kernel
 * under test. Every pass is also seen to keep the rules of {@link io.sparkformer.model.kernel.Memory}.
 */
public abstract class KernelComparison {
  protected static final Space SPACE = Nd4j::createUninitializedDetached;
  protected static final Pass TRAINING = Pass.training(3);
  protected static final Dropout DROPOUT = new Dropout(0.3, 42, 7);
  protected static final int LANES = Lanes.COUNT;
  /** A tolerance that only products of rounded inputs need: those may have another highest score. */
  private static final double ROUNDED = 1e-4;

  protected final Kernels fast = products().kernels(2);
  protected final Kernels portable = new Nd4jKernels();

  /** Gives a device's memory back. */
  @AfterEach
  void closeKernels() {
    fast.close();
  }

  /** Which kernels are compared. */
  protected abstract KernelsUnderTest products();

  /** Rows and columns around the sizes of vectors, of oneDNN's smallest products, and of blocks of rows. */
  protected static Stream<Arguments> sizes() {
    return Stream.of(
        Arguments.of(1, 4), Arguments.of(2, LANES - 2), Arguments.of(LANES - 1, LANES), Arguments.of(LANES, LANES + 2),
        Arguments.of(LANES + 1, 2 * LANES - 2), Arguments.of(3, 2 * LANES), Arguments.of(37, 58), Arguments.of(RowBlocks.ROWS, 34),
        Arguments.of(RowBlocks.ROWS + 1, 4 * LANES), Arguments.of(2 * RowBlocks.ROWS + 13, 2 * LANES + 6));
  }

  /** Lengths of sentences; some are empty. */
  protected static Stream<int[]> lengths() {
    return Stream.of(new int[] {1}, new int[] {LANES - 1, LANES, LANES + 1}, new int[] {0, 3, 0, 5, 0}, new int[] {2, 7, 31, 13, 1},
        new int[] {70, 1, 150, 29});
  }

  protected void assertClose(String what, INDArray found, INDArray expected, int terms) {
    Sample.assertClose(what, found, expected, products().tolerance(terms, expected.length()));
  }

  /** Both may be null. */
  protected void assertSameGradient(String what, Weight found, Weight expected, int terms) {
    if (expected != null && expected.gradient() != null) {
      assertClose("gradient of " + what, gradient(found), expected.gradient(), terms);
    }
  }

  /** What kernels have added to it is there. */
  protected INDArray gradient(Weight weight) {
    fast.deliver(weight.gradient());
    return weight.gradient();
  }

  protected void assertSameLoss(Loss found, Loss expected) {
    double tolerance = products().tolerance(1, LANES);
    assertThat(found.tokens()).isEqualTo(expected.tokens());
    if (tolerance < ROUNDED) {
      assertThat(found.correct()).isEqualTo(expected.correct());
    }
    assertThat(found.smoothed()).isCloseTo(expected.smoothed(), within(tolerance * expected.smoothed()));
    assertThat(found.negativeLogLikelihood())
        .isCloseTo(expected.negativeLogLikelihood(), within(tolerance * expected.negativeLogLikelihood()));
  }

  /** The output of a pass for inference, which leaves nothing in the memory. */
  protected INDArray inference(Supplier<Forward> pass) {
    long before = fast.memory().used();
    Forward forward = pass.get();
    assertThat(forward.backward()).isNull();
    assertThat(fast.memory().used()).isEqualTo(before);
    return forward.output();
  }

  /** A training pass that is run again after its memory was given back, as activation checkpointing does: it gives the same bits. */
  protected Forward training(Supplier<Forward> pass) {
    long mark = fast.memory().mark();
    float[] first = values(pass.get().output());
    fast.memory().release(mark);
    Forward second = pass.get();
    assertThat(values(second.output())).isEqualTo(first);
    return second;
  }

  /** The gradients of a pass's inputs; what it kept is given back, and the backward pass left nothing else. */
  protected INDArray[] backward(Forward forward, INDArray outputGradient) {
    long before = fast.memory().used();
    INDArray[] gradients = forward.backward().run(outputGradient.dup('c'), SPACE);
    assertThat(fast.memory().used()).isEqualTo(before);
    fast.memory().release(0);
    return gradients;
  }

  protected static INDArray[] exactBackward(Forward forward, INDArray outputGradient) {
    return forward.backward().run(Sample.exact(outputGradient).dup('c'), SPACE);
  }

  /** Compared as numbers: ND4J's own comparison of arrays has a tolerance. */
  protected static float[] values(INDArray array) {
    return array.dup('c').data().asFloat();
  }
}
