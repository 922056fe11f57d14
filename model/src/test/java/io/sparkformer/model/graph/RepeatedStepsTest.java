package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.kernel.cpu.Bfloat16Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cpu.Int8Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class RepeatedStepsTest {
  /** Whatever the JIT compiler has compiled meanwhile, and however many threads take part. */
  @Test
  void gradientsAreTheSameToTheLastBit() {
    assertSameGradients(CpuKernels::new);
  }

  @Test
  void gradientsOfBfloat16ProductsAreTheSameToTheLastBit() {
    assertSameGradients(Bfloat16Kernels::byOneDnn);
    assertSameGradients(Bfloat16Kernels::emulated);
  }

  /** Stochastic rounding too: its dice depend on the values of a row. */
  @Test
  void gradientsOfInt8ProductsAreTheSameToTheLastBit() {
    Int8Kernels.assumeTheyRun();
    assertSameGradients(Int8Kernels::of);
  }

  private static void assertSameGradients(IntFunction<CpuKernels> kernels) {
    for (NormPosition norm : NormPosition.values()) {
      NetworkConfig config = PaperNetwork.tiny(120, norm, norm == NormPosition.PRE ? Activation.GELU : Activation.RELU, TiedEmbeddings.ALL);
      Batch batch = batch(1, 40);
      float[] first = null;
      for (int run = 0; run < 12; run++) {
        TransformerModel model = TransformerModel.create(config, kernels.apply(1 + run % 3));
        for (int step = 0; step < 3; step++) {
          model.clearGradients();
          model.accumulateGradient(batch, 1);
        }
        float[] gradients = model.gradients().dup().toFloatVector();
        if (first == null) {
          first = gradients;
        }
        for (NamedParameter parameter : model.namedParameters()) {
          for (long i = parameter.offset(); i < parameter.offset() + parameter.length(); i++) {
            assertThat(gradients[(int) i]).as("%s[%d], run %d", parameter.name(), i - parameter.offset(), run).isEqualTo(first[(int) i]);
          }
        }
      }
    }
  }

  private static Batch batch(long seed, int sentences) {
    Random random = new Random(seed);
    List<int[]> sources = new ArrayList<>();
    List<int[]> targets = new ArrayList<>();
    for (int i = 0; i < sentences; i++) {
      sources.add(random.ints(random.nextInt(20), 5, 120).toArray());
      targets.add(random.ints(random.nextInt(20), 5, 120).toArray());
    }
    return PaperNetwork.PAIRS.batch(sources, targets, 0, 0);
  }
}
