package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Losses;
import io.sparkformer.model.block.Recompute;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cuda.CudaSettings;
import io.sparkformer.model.kernel.cuda.StandIn;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.WeightDecay;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole training steps on a device whose queues are late, so that a wait that is missing shows: gradients that leave while the backward
 * pass goes on, losses that are read at the end, updates on the device.
 */
class DeviceTrainingTest {
  private static final StandIn.Strictness LATE = StandIn.Strictness.SHUFFLED_THREADS_AND_DELAYED_QUEUES;
  private static final int STEPS = 3;

  /** What some steps of two micro-batches end with. */
  private record Trained(List<Float> losses, float[] parameters) {}

  @Test
  void stepsOnADeviceAreThoseOfTheProcessorAndGiveTheSameBitsTwice() {
    NetworkKind kind = NetworkKind.T5;
    Trained expected = train(kind, new CpuKernels(1));
    Trained found = train(kind, device(LATE));
    for (int i = 0; i < expected.losses().size(); i++) {
      assertThat(found.losses().get(i)).as("loss %d", i).isCloseTo(expected.losses().get(i), within(1e-3f));
    }
    for (int i = 0; i < expected.parameters().length; i++) {
      assertThat(found.parameters()[i]).as("parameter %d", i).isCloseTo(expected.parameters()[i], within(2e-5f));
    }
    Trained again = train(kind, device(StandIn.Strictness.REVERSED_THREADS));
    assertThat(again.losses()).isEqualTo(found.losses());
    assertThat(again.parameters()).isEqualTo(found.parameters());
  }

  private static Kernels device(StandIn.Strictness strictness) {
    return StandIn.kernels(strictness, CudaSettings.ProductType.FLOAT32);
  }

  private static Trained train(NetworkKind kind, Kernels of) {
    try (Kernels kernels = of; ParallelBlocks blocks = new ParallelBlocks(1)) {
      TransformerModel model = TransformerModel.create(kind.network(1, 16), kernels, Recompute.NONE);
      FloatRegion parameters = FloatRegion.of(model.parameters());
      FloatRegion gradient = FloatRegion.of(model.gradients());
      Adam adam = new Adam(new AdamSettings(0.9, 0.98, 1e-5), WeightDecay.NONE, new FlatRange(0, parameters.length()), blocks,
          kernels::slice);
      Random random = new Random(1);
      List<Float> losses = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        model.clearGradients();
        Losses first = model.accumulateGradient(kind.batch(random, 24, 8), step);
        Losses second = model.accumulateGradient(kind.batch(random, 24, 8), step);
        losses.add((float) first.only().smoothed());
        losses.add((float) second.only().smoothed());
        if (adam.device().isPresent()) {
          adam.updateOnDevice(1.0 / 48, 1e-3);
        } else {
          adam.update(parameters, gradient, 1.0 / 48, 1e-3);
          model.parametersChanged();
        }
      }
      return new Trained(losses, FloatRegion.of(model.parameters()).toArray());
    }
  }

  /** A listener that reads a range of the gradient as soon as it is told of it, as one does that sends it to other workers. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IDLE")
  void gradientsAreOnTheHostWhenTheListenerIsToldOfThem(StandIn.Strictness strictness) {
    NetworkKind kind = NetworkKind.POST_NORM;
    try (Kernels kernels = device(strictness)) {
      TransformerModel model = TransformerModel.create(kind.network(2, 16), kernels);
      Batch batch = kind.batch(new Random(1), 24, 8);
      FloatRegion gradient = FloatRegion.of(model.gradients());
      model.clearGradients();
      model.accumulateGradient(batch, 0);
      float[] expected = FloatRegion.of(model.gradients()).toArray();
      model.clearGradients();
      assertThat(FloatRegion.of(model.gradients()).toArray()).containsOnly(0);
      float[] told = new float[expected.length];
      model.accumulateGradient(batch, 0, new PassListener() {
        @Override
        public void needs(FlatRange parameters) {
          // They are there.
        }

        @Override
        public void finished(FlatRange range) {
          float[] values = gradient.slice(range).toArray();
          System.arraycopy(values, 0, told, (int) range.from(), values.length);
        }
      });
      assertThat(told).isEqualTo(expected);
    }
  }
}
