package io.sparkformer.model.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.Kind;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.Positions;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.config.TransformerConfig;
import io.sparkformer.model.graph.TokenBatch;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.OutputKernel.Loss;
import io.sparkformer.model.kernel.Precision;
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

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void learnsToReverseSequences() {
    TransformerConfig config = new TransformerConfig(Kind.ENCODER_DECODER, FIRST_SYMBOL + SYMBOLS, 1, 1, 64, 4, 128, NormPosition.POST,
        Activation.RELU, Positions.SINUSOIDAL, TiedEmbeddings.ALL, 0, 0, 0, 0.0, 32, 1e-5, 7);
    TransformerModel model = TransformerModel.create(config, KernelSelection.select(KernelChoice.AUTO, Precision.AUTO, 1));
    FloatRegion parameters = FloatRegion.of(model.parameters());
    FloatRegion gradients = FloatRegion.of(model.gradients());
    Adam adam = new Adam(new AdamSettings(0.9, 0.98, 1e-9), new FlatRange(0, parameters.length()), new ParallelBlocks(1));
    LearningRateSchedule schedule = new LearningRateSchedule.InverseSquareRoot(0.004, 100);
    Random random = new Random(11);
    for (int step = 0; step < STEPS; step++) {
      List<int[]> sources = sequences(random, SENTENCES);
      model.clearGradients();
      List<int[]> targets = sources.stream().map(ReverseSequenceTest::reversed).toList();
      Loss loss = model.accumulateGradient(TokenBatch.pack(sources, targets, 0, 0, 1, 2), step);
      adam.update(parameters, gradients, 1.0 / loss.tokens(), schedule.rate(step + 1));
      model.parametersChanged();
    }

    List<int[]> unseen = sequences(new Random(99), 500);
    int exact = 0;
    try (NetworkStepDecoder decoder = new NetworkStepDecoder(model, ControlTokens.STANDARD)) {
      List<List<Hypothesis>> found = new BeamSearch(decoder, DecodingOptions.greedy(2, 4)).translate(unseen);
      for (int i = 0; i < unseen.size(); i++) {
        exact += Arrays.equals(found.get(i).get(0).tokens(), reversed(unseen.get(i))) ? 1 : 0;
      }
    }
    assertThat(exact / (double) unseen.size()).as("share of exactly reversed sequences").isGreaterThan(0.99);
  }

  private static List<int[]> sequences(Random random, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> random.ints(1 + random.nextInt(LONGEST), FIRST_SYMBOL, FIRST_SYMBOL + SYMBOLS).toArray()).toList();
  }

  private static int[] reversed(int[] tokens) {
    return IntStream.range(0, tokens.length).map(i -> tokens[tokens.length - 1 - i]).toArray();
  }
}
