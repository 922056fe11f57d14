package io.sparkformer.model.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.graph.PaperNetwork;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.cpu.Bfloat16Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cpu.Int8Kernels;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A network that learns is the proof that forward, backward, optimizer and decoding fit together. */
class ReverseSequenceTest {
  private static final int FIRST_SYMBOL = 5;
  private static final int SYMBOLS = 12;
  private static final int LONGEST = 8;
  private static final int SENTENCES = 96;
  private static final int STEPS = 700;
  private static final int COMPARED_STEPS = 400;
  private static final int STRETCH = 100;

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void learnsToReverseSequences() {
    TransformerModel model = model(KernelSelection.select(KernelChoice.AUTO, Precision.AUTO, 1));
    train(model, STEPS);
    assertThat(exactlyReversed(model)).isGreaterThan(0.99);
  }

  /** The same batches, so the losses of a stretch of steps differ by what rounding does to learning, and by nothing else. */
  @Test
  @Timeout(value = 300, unit = TimeUnit.SECONDS)
  void bfloat16ProductsLearnAsWellAsFloat32() {
    TransformerModel float32Model = model(new CpuKernels(1));
    double[] float32 = train(float32Model, COMPARED_STEPS);
    double exact = exactlyReversed(float32Model);
    for (CpuKernels kernels : List.of(Bfloat16Kernels.byOneDnn(1), Bfloat16Kernels.emulated(1))) {
      TransformerModel model = model(kernels);
      double[] bfloat16 = train(model, COMPARED_STEPS);
      for (int from = 0; from < COMPARED_STEPS; from += STRETCH) {
        assertThat(mean(bfloat16, from)).as("%s, losses from step %d on", kernels.description(), from)
            .isCloseTo(mean(float32, from), within(Math.max(0.03, 0.05 * mean(float32, from))));
      }
      assertThat(exactlyReversed(model)).isCloseTo(exact, within(0.1));
    }
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void learnsToReverseSequencesWithProductsOf8BitIntegers() {
    Int8Kernels.assumeTheyRun();
    TransformerModel model = model(Int8Kernels.of(1));
    train(model, STEPS);
    assertThat(exactlyReversed(model)).isGreaterThan(0.97);
  }

  private static TransformerModel model(Kernels kernels) {
    return TransformerModel.create(new TransformerSettings(1, 1, 64, 4, 128, NormPosition.POST, Activation.RELU,
        TiedEmbeddings.ALL, 0, 0, 0, 0.0, 32, 1e-5).config(FIRST_SYMBOL + SYMBOLS, new SpecialTokens(0, 1, 2), 3).network(), kernels);
  }

  /** Returns the loss of each step, of a token. */
  private static double[] train(TransformerModel model, int steps) {
    double[] losses = new double[steps];
    FloatRegion parameters = FloatRegion.of(model.parameters());
    FloatRegion gradients = FloatRegion.of(model.gradients());
    Adam adam = new Adam(new AdamSettings(0.9, 0.98, 1e-9), new FlatRange(0, parameters.length()), new ParallelBlocks(1));
    LearningRateSchedule schedule = new LearningRateSchedule.InverseSquareRoot(0.002, 100);
    Random random = new Random(11);
    for (int step = 0; step < steps; step++) {
      List<int[]> sources = sequences(random, SENTENCES);
      model.clearGradients();
      List<int[]> targets = sources.stream().map(ReverseSequenceTest::reversed).toList();
      Loss loss = model.accumulateGradient(PaperNetwork.PAIRS.batch(sources, targets, 0, 0), step).only();
      losses[step] = loss.smoothed() / loss.tokens();
      adam.update(parameters, gradients, 1.0 / loss.tokens(), schedule.rate(step + 1));
      model.parametersChanged();
    }
    return losses;
  }

  private static double mean(double[] losses, int from) {
    return Arrays.stream(losses, from, from + STRETCH).average().orElseThrow();
  }

  /** The share of unseen sequences that come out exactly reversed. */
  private static double exactlyReversed(TransformerModel model) {
    List<int[]> unseen = sequences(new Random(99), 500);
    int exact = 0;
    try (Session decoder = new Session(model, ControlTokens.STANDARD)) {
      List<List<Hypothesis>> found = new BeamSearch(decoder, DecodingOptions.greedy(2, 4)).translate(unseen);
      for (int i = 0; i < unseen.size(); i++) {
        exact += Arrays.equals(found.get(i).get(0).tokens(), reversed(unseen.get(i))) ? 1 : 0;
      }
    }
    return exact / (double) unseen.size();
  }

  private static List<int[]> sequences(Random random, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> random.ints(1 + random.nextInt(LONGEST), FIRST_SYMBOL, FIRST_SYMBOL + SYMBOLS).toArray()).toList();
  }

  private static int[] reversed(int[] tokens) {
    return IntStream.range(0, tokens.length).map(i -> tokens[tokens.length - 1 - i]).toArray();
  }
}
