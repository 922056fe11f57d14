package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PassListenerTest {
  private static final Batch BATCH = PaperNetwork.PAIRS.batch(List.of(new int[] {5, 6, 7}, new int[] {8, 9}),
      List.of(new int[] {10, 11}, new int[] {12, 13, 14, 15}), 0, 0);

  private static TransformerModel model(TiedEmbeddings tied) {
    return TransformerModel.create(PaperNetwork.tiny(60, NormPosition.POST, Activation.RELU, tied), new CpuKernels(1));
  }

  /** What a range held when the listener was told of it. */
  private static final class Watch implements PassListener {
    private final FloatRegion gradients;
    private final Map<FlatRange, float[]> finished = new LinkedHashMap<>();
    private final List<FlatRange> needed = new ArrayList<>();

    Watch(TransformerModel model) {
      gradients = FloatRegion.of(model.gradients());
    }

    @Override
    public void needs(FlatRange parameters) {
      assertThat(finished).isEmpty();
      needed.add(parameters);
    }

    @Override
    public void finished(FlatRange gradient) {
      finished.put(gradient, gradients.slice(gradient).toArray());
    }
  }

  @ParameterizedTest
  @EnumSource(TiedEmbeddings.class)
  void everyGradientIsToldOnceAndDoesNotChangeAfterwards(TiedEmbeddings tied) {
    TransformerModel model = model(tied);
    model.clearGradients();
    Watch watch = new Watch(model);
    model.accumulateGradient(BATCH, 1, watch);
    int[] told = new int[(int) model.gradients().length()];
    watch.finished.forEach((range, values) -> {
      assertThat(FloatRegion.of(model.gradients()).slice(range).toArray()).as("gradient %s", range).isEqualTo(values);
      for (long i = range.from(); i < range.to(); i++) {
        told[(int) i]++;
      }
    });
    assertThat(told).containsOnly(1);
    // Most of it long before the end, the decoder's last layers first.
    List<FlatRange> order = new ArrayList<>(watch.finished.keySet());
    // One range a layer, and the embedding's and output's.
    assertThat(order).hasSizeGreaterThanOrEqualTo(5);
    assertThat(order.get(0).from()).isGreaterThan(order.get(order.size() / 2).from());
  }

  @ParameterizedTest
  @EnumSource(TiedEmbeddings.class)
  void parametersThatArriveWhenTheyAreNeededGiveTheSameGradient(TiedEmbeddings tied) {
    TransformerModel whole = model(tied);
    whole.clearGradients();
    whole.accumulateGradient(BATCH, 1);
    TransformerModel late = model(tied);
    FloatRegion target = FloatRegion.of(late.parameters());
    FloatRegion source = FloatRegion.of(whole.parameters());
    FloatRegion nothing = FloatRegion.allocate(target.length());
    target.copyFrom(nothing);
    late.parametersChanged();
    late.clearGradients();
    late.accumulateGradient(BATCH, 1, new PassListener() {
      @Override
      public void needs(FlatRange parameters) {
        target.slice(parameters).copyFrom(source.slice(parameters));
      }

      @Override
      public void finished(FlatRange gradient) {
        // Only the way there matters here.
      }
    });
    assertThat(FloatRegion.of(late.gradients()).toArray()).isEqualTo(FloatRegion.of(whole.gradients()).toArray());
  }
}
