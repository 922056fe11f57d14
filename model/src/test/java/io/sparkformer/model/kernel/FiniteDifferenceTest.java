package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.config.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every backward pass of the portable kernels against central differences of the forward pass, in double precision, with dropout. The
 * loss is the sum of the outputs, each times a number of its own.
 */
class FiniteDifferenceTest {
  private static final LayerWorkspaceMgr SPACE = LayerWorkspaceMgr.noWorkspaces();
  private static final Pass TRAINING = Pass.training(2);
  private static final Dropout DROPOUT = new Dropout(0.25, 9, 4);
  private static final double STEP = 1e-5;
  /** Elements of each array that are checked. */
  private static final int CHECKED = 60;

  private final Random random = new Random(17);
  private final Kernels kernels = new Nd4jKernels();
  private final List<Weight> weights = new ArrayList<>();

  @ParameterizedTest
  @EnumSource(Activation.class)
  void feedForward(Activation activation) {
    FeedForwardKernel kernel = kernels.feedForward(new FeedForwardWeights(weight(7, 5), weight(7), weight(5, 7), weight(5)), activation,
        DROPOUT);
    INDArray x = array(6, 5);
    INDArray factors = array(6, 5);
    DoubleSupplier loss = () -> dot(kernel.forward(x, 3, TRAINING, SPACE), factors);
    loss.getAsDouble();
    INDArray gradient = kernel.backward(factors, SPACE);
    assertGradient("input", loss, x, gradient);
    assertWeightGradients(loss);
  }

  @Test
  void norm() {
    NormKernel kernel = kernels.norm(weight(6), weight(6), 1e-5);
    INDArray x = array(5, 6);
    INDArray factors = array(5, 6);
    DoubleSupplier loss = () -> dot(kernel.forward(x, TRAINING, SPACE), factors);
    loss.getAsDouble();
    INDArray gradient = kernel.backward(factors, SPACE);
    assertGradient("input", loss, x, gradient);
    assertWeightGradients(loss);
  }

  @Test
  void residualNorm() {
    residual(kernels.residualNorm(weight(6), weight(6), 1e-5, DROPOUT));
  }

  @Test
  void residualWithoutNorm() {
    residual(kernels.residual(DROPOUT));
  }

  private void residual(ResidualKernel kernel) {
    INDArray x = array(5, 6);
    INDArray residual = array(5, 6);
    INDArray factors = array(5, 6);
    DoubleSupplier loss = () -> dot(kernel.forward(x, residual, 8, TRAINING, SPACE), factors);
    loss.getAsDouble();
    ResidualKernel.Gradients gradients = kernel.backward(factors, SPACE);
    assertGradient("x", loss, x, gradients.x());
    assertGradient("residual", loss, residual, gradients.residual());
    assertWeightGradients(loss);
  }

  /** The three roles of the paper's section 3.2.3. */
  @Test
  void selfAttentionOfAnEncoder() {
    attention(Masking.NONE, Segments.ofLengths(0, 3, 1, 4), null);
  }

  @Test
  void causalSelfAttention() {
    attention(Masking.CAUSAL, Segments.ofLengths(5, 3, 1, 4), null);
  }

  @Test
  void crossAttention() {
    attention(Masking.NONE, Segments.ofLengths(5, 3, 1, 4), Segments.ofLengths(2, 2, 5, 1));
  }

  private void attention(Masking masking, Segments segments, Segments memorySegments) {
    AttentionKernel kernel = kernels.attention(new AttentionWeights(weight(12, 4), weight(12), weight(4, 4), weight(4)), 2, masking,
        DROPOUT);
    boolean self = memorySegments == null;
    INDArray x = array(segments.tokens(), 4);
    INDArray memory = self ? x : array(memorySegments.tokens(), 4);
    INDArray factors = array(segments.tokens(), 4);
    Supplier<INDArray> output = () -> kernel.forward(x, segments, memory, self ? segments : memorySegments, TRAINING, SPACE);
    DoubleSupplier loss = () -> dot(output.get(), factors);
    loss.getAsDouble();
    AttentionKernel.Gradients gradients = kernel.backward(factors, SPACE);
    assertGradient("query", loss, x, gradients.query());
    if (!self) {
      assertGradient("memory", loss, memory, gradients.memory());
    }
    assertWeightGradients(loss);
  }

  @Test
  void embedding() {
    EmbeddingKernel kernel = kernels.embedding(weight(9, 4), 10, DROPOUT);
    Segments segments = Segments.ofLengths(4, 5, 2, 6);
    INDArray ids = Nd4j.createFromArray(random.ints(segments.tokens(), 0, 9).toArray());
    INDArray factors = array(segments.tokens(), 4);
    DoubleSupplier loss = () -> dot(kernel.forward(ids, segments, TRAINING, SPACE), factors);
    loss.getAsDouble();
    kernel.backward(factors);
    assertWeightGradients(loss);
  }

  @Test
  void output() {
    for (double smoothing : new double[] {0, 0.2}) {
      weights.clear();
      OutputKernel kernel = kernels.output(weight(9, 4), smoothing);
      INDArray x = array(7, 4);
      INDArray targets = Nd4j.createFromArray(random.ints(7, 0, 9).toArray());
      DoubleSupplier loss = () -> kernel.loss(x, targets).smoothed();
      OutputKernel.Result result = kernel.lossAndGradient(x, targets, SPACE);
      assertThat(result.loss().smoothed()).isCloseTo(loss.getAsDouble(), within(1e-12));
      assertGradient("input", loss, x, result.inputGradient());
      assertWeightGradients(loss);
    }
  }

  private INDArray array(long... shape) {
    INDArray array = Nd4j.create(DataType.DOUBLE, shape, 'c');
    for (long i = 0; i < array.length(); i++) {
      array.putScalar(i, random.nextGaussian());
    }
    return array;
  }

  private Weight weight(long... shape) {
    Weight weight = new Weight(array(shape), Nd4j.zeros(DataType.DOUBLE, shape));
    weights.add(weight);
    return weight;
  }

  private static double dot(INDArray output, INDArray factors) {
    return output.mul(factors).sumNumber().doubleValue();
  }

  private void assertWeightGradients(DoubleSupplier loss) {
    for (int i = 0; i < weights.size(); i++) {
      assertGradient("weight " + i, loss, weights.get(i).value(), weights.get(i).gradient());
    }
  }

  private void assertGradient(String what, DoubleSupplier loss, INDArray value, INDArray gradient) {
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
