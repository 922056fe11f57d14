package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.kernel.Derived;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.objective.NextToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Networks over the same parameters, one for each thread, share what the kernels derive from them, and compute the same bits. */
class SharedWeightsTest {
  private static final int NETWORKS = 4;
  private static final int ROUNDS = 5;

  private static NetworkConfig gpt2() {
    ObjectNode config = new ObjectMapper().createObjectNode().put("model_type", "gpt2").put("n_embd", 64).put("n_head", 4)
        .put("n_layer", 4).put("n_positions", 64).put("vocab_size", 100).put("seed", 3);
    return ModelConfig.of(config).network().withoutDropout();
  }

  private static Batch text(long seed) {
    Random random = new Random(seed);
    return new NextToken().batch(List.of(random.ints(11, 0, 100).toArray(), random.ints(37, 0, 100).toArray()), 0);
  }

  private static float[] output(TransformerModel model, long seed) {
    return model.output(text(seed)).ravel().toFloatVector();
  }

  private static List<Precision> precisions() {
    return CpuKernels.runsInt8() ? List.of(Precision.FLOAT32, Precision.BFLOAT16, Precision.INT8)
        : List.of(Precision.FLOAT32, Precision.BFLOAT16);
  }

  @Test
  void threadsThatStartTogetherFindTheWeightsPackedOnceAndComputeTheSameBits() throws Exception {
    for (Precision precision : precisions()) {
      TransformerModel alone = TransformerModel.create(gpt2(), new CpuKernels(1, precision));
      List<float[]> expected = new ArrayList<>();
      for (int i = 0; i < NETWORKS; i++) {
        expected.add(output(alone, i));
      }
      TransformerModel original = TransformerModel.create(gpt2(), new CpuKernels(1, precision));
      List<TransformerModel> networks = new ArrayList<>(List.of(original));
      while (networks.size() < NETWORKS) {
        networks.add(original.sharing());
      }
      assertThat(original.kernels().derived()).isEqualTo(Derived.NONE);

      List<List<float[]>> outputs = together(networks);

      for (int i = 0; i < NETWORKS; i++) {
        for (float[] output : outputs.get(i)) {
          assertThat(output).as("network %d in %s", i, precision).isEqualTo(expected.get(i));
        }
      }
      long bytes = alone.kernels().derived().bytes();
      assertThat(bytes).isPositive();
      assertThat(networks).allSatisfy(network -> assertThat(network.kernels().derived().bytes()).isEqualTo(bytes));
    }
  }

  /** Every network's outputs in all rounds; they begin at the same time. */
  private static List<List<float[]>> together(List<TransformerModel> networks) throws Exception {
    CyclicBarrier start = new CyclicBarrier(networks.size());
    ExecutorService threads = Executors.newFixedThreadPool(networks.size());
    try {
      List<Future<List<float[]>>> futures = new ArrayList<>();
      for (int i = 0; i < networks.size(); i++) {
        int which = i;
        futures.add(threads.submit(() -> {
          List<float[]> outputs = new ArrayList<>();
          start.await();
          for (int round = 0; round < ROUNDS; round++) {
            outputs.add(output(networks.get(which), which));
          }
          return outputs;
        }));
      }
      List<List<float[]>> outputs = new ArrayList<>();
      for (Future<List<float[]>> future : futures) {
        outputs.add(future.get());
      }
      return outputs;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void changedParametersAreDerivedAgain() {
    for (Precision precision : precisions()) {
      TransformerModel model = TransformerModel.create(gpt2(), new CpuKernels(1, precision));
      float[] before = output(model, 1);
      model.parameters().muli(0.5);
      model.parametersChanged();
      assertThat(output(model, 1)).isNotEqualTo(before);
      model.parameters().muli(2);
      model.parametersChanged();
      assertThat(output(model, 1)).isEqualTo(before);
    }
  }

  @Test
  void portableKernelsDeriveNothing() {
    TransformerModel model = TransformerModel.create(gpt2(), new Nd4jKernels());
    TransformerModel other = model.sharing();
    assertThat(output(other, 1)).isEqualTo(output(model, 1));
    assertThat(other.kernels().derived()).isEqualTo(Derived.NONE);
  }
}
