package io.sparkformer.model.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.DeviceSlice;
import io.sparkformer.model.optimizer.UpdateLoops;
import io.sparkformer.model.optimizer.WeightDecay;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Updates on a device, against those of the host. */
class CudaSliceTest {
  private static final int LENGTH = 150_037;
  private static final FlatRange SLICE = new FlatRange(1000, LENGTH - 5);
  private static final AdamSettings SETTINGS = new AdamSettings(0.9, 0.98, 1e-9);
  private static final WeightDecay DECAY = new WeightDecay(0.1, List.of(new FlatRange(0, 1500), new FlatRange(5000, 60_000)));

  private final ParallelBlocks alone = new ParallelBlocks(1);

  private static INDArray random(long seed, int length, double scale) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return Nd4j.createFromArray(values);
  }

  private static FloatRegion copy(INDArray array) {
    return FloatRegion.copyOf(array.toFloatVector());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IDLE")
  void parametersAndMomentsAreTheHostsBitForBit(StandIn.Strictness strictness) {
    INDArray parameters = random(1, LENGTH, 0.1);
    INDArray gradient = random(2, LENGTH, 1e-3);
    FloatRegion expected = copy(parameters);
    float[] before = parameters.toFloatVector();
    try (CudaKernels kernels = StandIn.kernels(strictness, CudaSettings.ProductType.FLOAT32)) {
      kernels.bind(parameters, gradient);
      Adam host = new Adam(SETTINGS, DECAY, SLICE, alone);
      Adam adam = new Adam(SETTINGS, DECAY, SLICE, alone, kernels::slice);
      DeviceSlice device = adam.device().orElseThrow();
      for (int step = 1; step <= 3; step++) {
        gradient.assign(random(2 + step, LENGTH, 1e-3 * step));
        FloatRegion own = FloatRegion.of(gradient).slice(SLICE);
        device.takeGradient();
        double squares = UpdateLoops.fastest().squares(own, 0, own.length());
        assertThat(device.squares()).isCloseTo(squares, within(1e-6 * squares));
        host.update(expected.slice(SLICE), own, 0.5, 1e-3);
        adam.updateOnDevice(0.5, 1e-3);
      }
      assertThat(parameters.toFloatVector()).as("nobody asked for them").isEqualTo(before);
      parameters.putScalar(0, 5);
      kernels.deliver(parameters);
      expected.write(0, new float[] {5}, 1);
      assertThat(parameters.toFloatVector()).as("what is not updated there is the host's").isEqualTo(expected.toArray());
      parameters.assign(0);
      device.deliverParameters(10, SLICE.length());
      assertThat(FloatRegion.of(parameters).slice(SLICE.from() + 10, SLICE.to()).toArray())
          .isEqualTo(expected.slice(SLICE.from() + 10, SLICE.to()).toArray());
      device.deliverState();
      assertThat(adam.firstMoment().toArray()).isEqualTo(host.firstMoment().toArray());
      assertThat(adam.secondMoment().toArray()).isEqualTo(host.secondMoment().toArray());
    }
  }

  @Test
  void aStateThatIsWrittenOnTheHostIsGoneOnFrom() {
    INDArray parameters = random(1, LENGTH, 0.1);
    INDArray gradient = random(2, LENGTH, 1e-3);
    try (CudaKernels kernels = StandIn.kernels(StandIn.Strictness.SHUFFLED_THREADS_AND_DELAYED_QUEUES, CudaSettings.ProductType.FLOAT32)) {
      kernels.bind(parameters, gradient);
      Adam host = new Adam(SETTINGS, DECAY, SLICE, alone);
      Adam adam = new Adam(SETTINGS, DECAY, SLICE, alone, kernels::slice);
      FloatRegion moments = copy(random(5, (int) SLICE.length(), 1e-2));
      for (Adam each : List.of(host, adam)) {
        each.firstMoment().copyFrom(moments);
        each.resumeAfter(7);
      }
      parameters.assign(random(6, LENGTH, 0.2));
      FloatRegion expected = copy(parameters);
      adam.device().orElseThrow().takeState();
      host.update(expected.slice(SLICE), FloatRegion.of(gradient).slice(SLICE), 1, 1e-3);
      adam.updateOnDevice(1, 1e-3);
      kernels.deliver(parameters);
      assertThat(parameters.toFloatVector()).isEqualTo(expected.toArray());
    }
  }

  @Test
  void notFiniteGradientsGiveSquaresThatAreNotFinite() {
    INDArray gradient = random(2, LENGTH, 1e-3);
    gradient.putScalar(LENGTH - 6, Float.NaN);
    try (CudaKernels kernels = StandIn.kernels(StandIn.Strictness.NONE, CudaSettings.ProductType.FLOAT32)) {
      kernels.bind(random(1, LENGTH, 0.1), gradient);
      DeviceSlice device = new Adam(SETTINGS, DECAY, SLICE, alone, kernels::slice).device().orElseThrow();
      assertThat(device.squares()).isNaN();
      gradient.putScalar(LENGTH - 6, Float.POSITIVE_INFINITY);
      device.takeGradient();
      assertThat(device.squares()).isInfinite();
    }
  }

  /** A weight of which the first half is updated on the device, the second by somebody else. */
  @ParameterizedTest
  @EnumSource(CudaSettings.ProductType.class)
  void kernelsReadWhatIsUpdatedOnTheDeviceAndTheHostsValuesOfTheRest(CudaSettings.ProductType products) {
    INDArray parameters = Nd4j.createFromArray(1f, 2f);
    INDArray gradient = Nd4j.createFromArray(1f, 1f);
    try (CudaKernels kernels = StandIn.kernels(StandIn.Strictness.SHUFFLED_THREADS_AND_DELAYED_QUEUES, products)) {
      kernels.bind(parameters, gradient);
      Adam adam = new Adam(new AdamSettings(0, 0, 1e-9), WeightDecay.NONE, new FlatRange(0, 1), alone, kernels::slice);
      INDArray weight = parameters.get(NDArrayIndex.interval(0, 2)).reshape(1, 2);
      DenseKernel dense = kernels.dense(new Weight(weight, null), null, Activation.RELU);
      assertThat(output(dense)).isEqualTo(10 * 1 + 100 * 2);
      // Without decay of moments, Adam goes by the learning rate against the gradient's sign.
      adam.updateOnDevice(1, 0.5);
      assertThat(output(dense)).isEqualTo(10 * 0.5f + 100 * 2);
      parameters.putScalar(0, 77);
      parameters.putScalar(1, 4);
      assertThat(output(dense)).as("nobody has said that the host's values changed").isEqualTo(10 * 0.5f + 100 * 2);
      kernels.parametersChanged();
      assertThat(output(dense)).isEqualTo(10 * 0.5f + 100 * 4);
    }
  }

  /** Of the input (10, 100). */
  private static float output(DenseKernel dense) {
    INDArray x = Nd4j.createFromArray(new float[][] {{10, 100}});
    return dense.forward(x, Pass.INFERENCE, Nd4j::createUninitializedDetached).output().getFloat(0);
  }
}
