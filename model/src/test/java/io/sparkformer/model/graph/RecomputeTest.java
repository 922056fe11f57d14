package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.block.Recompute;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.objective.NextToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Layers that are computed again in the backward pass give the same bits, dropout included, in a fraction of the memory. */
class RecomputeTest {
  private static final int LAYERS = 12;

  /** GPT-2 with all dropouts on. */
  private static NetworkConfig gpt2() {
    ObjectNode config = new ObjectMapper().createObjectNode().put("model_type", "gpt2").put("n_embd", 64).put("n_head", 4)
        .put("n_layer", LAYERS).put("n_positions", 128).put("vocab_size", 100).put("attn_pdrop", 0.1).put("embd_pdrop", 0.1)
        .put("resid_pdrop", 0.1).put("seed", 3);
    return ModelConfig.of(config).network();
  }

  private static Batch text() {
    Random random = new Random(5);
    List<int[]> sequences = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      sequences.add(random.ints(20 + 10 * i, 0, 100).toArray());
    }
    return new NextToken().batch(sequences, 0);
  }

  /** @return the most memory of a step, in bytes */
  private static long train(NetworkConfig config, Batch batch, Kernels kernels, Recompute recompute, List<float[]> gradients) {
    TransformerModel model = TransformerModel.create(config, kernels, recompute);
    model.clearGradients();
    model.accumulateGradient(batch, 7);
    model.accumulateGradient(batch, 8);
    gradients.add(model.gradients().dup().toFloatVector());
    assertThat(kernels.memory().used()).as("bytes still taken after a step").isZero();
    return kernels.memory().peak();
  }

  private static double shareOfMemory(NetworkConfig config, Batch batch, Supplier<Kernels> kernels) {
    List<float[]> gradients = new ArrayList<>();
    long kept = train(config, batch, kernels.get(), Recompute.NONE, gradients);
    long again = train(config, batch, kernels.get(), Recompute.LAYERS, gradients);
    assertThat(gradients.get(1)).isEqualTo(gradients.get(0));
    return (double) again / kept;
  }

  @Test
  void gradientsAreTheSameToTheLastBitInLessThanHalfOfTheMemory() {
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      double share = shareOfMemory(gpt2(), text(), () -> new CpuKernels(2, precision));
      assertThat(share).as("memory of %s with recomputed layers, of that without", precision).isLessThan(0.5);
    }
    assertThat(shareOfMemory(gpt2(), text(), Nd4jKernels::new)).isLessThan(0.5);
  }

  @Test
  void encoderAndDecoderAreComputedAgainToo() {
    NetworkConfig config = PaperNetwork.tiny(60, NormPosition.POST, Activation.RELU, TiedEmbeddings.ALL);
    Batch batch = PaperNetwork.PAIRS.batch(List.of(new int[] {5, 6, 7}, new int[] {8, 9}),
        List.of(new int[] {10, 11}, new int[] {12, 13, 14, 15}), 0, 0);
    assertThat(shareOfMemory(config, batch, () -> new CpuKernels(1))).isLessThan(1);
  }
}
