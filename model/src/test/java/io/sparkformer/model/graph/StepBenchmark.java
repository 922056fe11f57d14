package io.sparkformer.model.graph;

import com.sun.management.OperatingSystemMXBean;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.Kind;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.Positions;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.config.TransformerConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Nd4jKernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Times forward and backward of one micro-batch, the kernels alternating: {@code StepBenchmark d_model layers vocabulary sentences time
 * threads rounds}. Run it with the test class path and {@code --add-modules=jdk.incubator.vector}.
 */
final class StepBenchmark {
  private static final OperatingSystemMXBean PROCESS = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private StepBenchmark() {}

  public static void main(String[] arguments) {
    int[] size = Arrays.stream(arguments).limit(7).mapToInt(Integer::parseInt).toArray();
    TransformerConfig config = config(size[0], size[1], size[2]);
    TokenBatch batch = batch(size[2], size[3], size[4]);
    List<Kernels> all = new ArrayList<>(List.of(new CpuKernels(size[5]), new Nd4jKernels()));
    if (arguments.length > 7) {
      all.remove(1);
    }
    List<TransformerModel> models = all.stream().map(kernels -> TransformerModel.create(config, kernels)).toList();
    double[][] seconds = new double[all.size()][size[6]];
    for (int round = -2; round < size[6]; round++) {
      for (int i = 0; i < models.size(); i++) {
        long start = System.nanoTime();
        long startCpu = PROCESS.getProcessCpuTime();
        models.get(i).clearGradients();
        double loss = models.get(i).accumulateGradient(batch, Math.max(0, round)).smoothed();
        double elapsed = (System.nanoTime() - start) * 1e-9;
        if (round >= 0) {
          seconds[i][round] = elapsed;
        }
        System.out.printf("%d %s: %.3f s, %.3f s of processor time, loss %.6f%n", round, i == 0 ? "cpu" : "portable", elapsed,
            (PROCESS.getProcessCpuTime() - startCpu) * 1e-9, loss / batch.targetTokens());
      }
    }
    for (int i = 0; i < models.size(); i++) {
      Arrays.sort(seconds[i]);
      System.out.printf("%s: median %.3f s, best %.3f s, %.0f target tokens/s%n", all.get(i).description(), seconds[i][size[6] / 2],
          seconds[i][0], batch.targetTokens() / seconds[i][size[6] / 2]);
    }
  }

  static TransformerConfig config(int dModel, int layers, int vocabulary) {
    return new TransformerConfig(Kind.ENCODER_DECODER, vocabulary, layers, layers, dModel, Math.max(1, dModel / 64), 4 * dModel,
        NormPosition.POST, Activation.RELU, Positions.SINUSOIDAL, TiedEmbeddings.ALL, 0.1, 0.1, 0.1, 0.1, 256, 1e-5, 1);
  }

  private static TokenBatch batch(int vocabulary, int sentences, int time) {
    Random random = new Random(1);
    List<int[]> sources = new ArrayList<>();
    List<int[]> targets = new ArrayList<>();
    for (int i = 0; i < sentences; i++) {
      int length = time / 2 + random.nextInt(time) - 1;
      sources.add(random.ints(length, 5, vocabulary).toArray());
      targets.add(random.ints(Math.max(1, length + random.nextInt(5) - 2), 5, vocabulary).toArray());
    }
    return TokenBatch.pack(sources, targets, 0, 0, 1, 2);
  }
}
