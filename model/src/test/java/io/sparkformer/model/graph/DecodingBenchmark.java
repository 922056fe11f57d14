package io.sparkformer.model.graph;

import io.sparkformer.model.config.TransformerConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Nd4jKernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Times decoding steps, the kernels alternating: {@code DecodingBenchmark d_model layers vocabulary sentences beam time threads rounds}.
 * Run it as {@link StepBenchmark}.
 */
final class DecodingBenchmark {
  private DecodingBenchmark() {}

  public static void main(String[] arguments) {
    int[] size = Arrays.stream(arguments).mapToInt(Integer::parseInt).toArray();
    TransformerConfig config = StepBenchmark.config(size[0], size[1], size[2]).withoutDropout();
    List<Kernels> all = List.of(new CpuKernels(size[6]), new Nd4jKernels());
    List<IncrementalDecoder> decoders = all.stream().map(k -> new IncrementalDecoder(TransformerModel.create(config, k))).toList();
    Random random = new Random(1);
    List<int[]> sources = new ArrayList<>();
    for (int i = 0; i < size[3]; i++) {
      sources.add(random.ints(size[5] / 2 + random.nextInt(size[5]), 5, size[2]).toArray());
    }
    double[][] millis = new double[all.size()][size[7]];
    for (int round = -2; round < size[7]; round++) {
      for (int i = 0; i < all.size(); i++) {
        long start = System.nanoTime();
        decode(decoders.get(i), sources, size[4], size[5]);
        double elapsed = (System.nanoTime() - start) * 1e-6 / size[5];
        if (round >= 0) {
          millis[i][round] = elapsed;
        }
      }
    }
    for (int i = 0; i < all.size(); i++) {
      Arrays.sort(millis[i]);
      System.out.printf("%s: median %.2f ms, best %.2f ms a step of %d rows%n", all.get(i).description(), millis[i][size[7] / 2],
          millis[i][0], size[3] * size[4]);
    }
  }

  private static void decode(IncrementalDecoder decoder, List<int[]> sources, int beam, int time) {
    decoder.start(sources);
    int[] parents = IntStream.range(0, sources.size() * beam).map(i -> i / beam).toArray();
    int[] tokens = new int[parents.length];
    Arrays.fill(tokens, 1);
    for (int t = 0; t < time; t++) {
      int[] next = decoder.step(tokens, parents, 2 * beam, 2).tokens();
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = next[i * 2 * beam];
        // Every second hypothesis is continued twice, as a search would have it.
        parents[i] = i - i % 2;
      }
    }
    decoder.close();
  }
}
