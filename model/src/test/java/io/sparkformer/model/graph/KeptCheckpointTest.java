package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.NamedTensor;
import io.sparkformer.model.config.TransformerConfig;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Hypothesis;
import io.sparkformer.model.decode.NetworkStepDecoder;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Nd4jKernels;
import io.sparkformer.model.kernel.OutputKernel.Loss;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Checkpoints that version 0.1 wrote, kept for ever: every later version must load them and compute what version 0.1 did. The networks
 * have learnt, in 3,000 updates, to repeat a text in capital letters; a token is a character. Beside each checkpoint,
 * {@code expected.json} holds three sentences with
 * <ul>
 *   <li>their logits {@code [target tokens, vocabulary]}, computed in double precision by the portable kernels;</li>
 *   <li>the two best translations of a beam of 4, with length penalty 0.6;</li>
 *   <li>the loss, summed over tokens, of the next update with its dropout, and the loss without dropout after it.</li>
 * </ul>
 */
class KeptCheckpointTest {
  private static final double EXACT = 1e-6;
  /** Of float32 logits of up to about 10: a few units of their last place, for any order of the sums. */
  private static final double SINGLE = 2e-5;

  private final ParallelBlocks blocks = new ParallelBlocks(1);
  private Checkpoint checkpoint;
  private TransformerConfig config;
  private JsonNode expected;

  private void open(String name) throws IOException {
    Path folder = Path.of(getClass().getResource("/checkpoint/" + name).getPath());
    checkpoint = Checkpoint.open(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()));
    config = TransformerConfig.fromJson(checkpoint.config().toString());
    expected = new ObjectMapper().readTree(Files.readString(folder.resolve("expected.json")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"post-norm-relu", "pre-norm-gelu"})
  void everyFileIsWhole(String name) throws IOException {
    open(name);
    checkpoint.verify();
    assertThat(checkpoint.step()).isEqualTo(3000);
    assertThat(checkpoint.trainingState().path("step").asLong()).isEqualTo(3000);
    assertThat(checkpoint.runConfiguration()).contains("batch-tokens=\"1024\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"post-norm-relu", "pre-norm-gelu"})
  void inDoublePrecisionLogitsAndTranslationsAreThoseOfThen(String name) throws IOException {
    open(name);
    TransformerModel exact = TransformerModel.create(config, new Nd4jKernels(), DataType.DOUBLE);
    exact.parameters().assign(loaded(new Nd4jKernels()).parameters().castTo(DataType.DOUBLE));
    exact.parametersChanged();
    assertLogits(exact, EXACT);
    assertTranslations(exact, EXACT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"post-norm-relu", "pre-norm-gelu"})
  void inFloat32LogitsAndTranslationsAreThoseOfThenToRounding(String name) throws IOException {
    open(name);
    for (Kernels kernels : List.of(new Nd4jKernels(), new CpuKernels(2))) {
      TransformerModel model = loaded(kernels);
      assertLogits(model, SINGLE);
      assertTranslations(model, SINGLE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"post-norm-relu", "pre-norm-gelu"})
  void theNextUpdateIsThatOfThen(String name) throws IOException {
    open(name);
    JsonNode update = expected.path("update");
    for (Kernels kernels : List.of(new Nd4jKernels(), new CpuKernels(2))) {
      TransformerModel model = loaded(kernels);
      FloatRegion parameters = FloatRegion.of(model.parameters());
      Adam adam = new Adam(new AdamSettings(0.9, 0.98, 1e-9), new FlatRange(0, parameters.length()), blocks);
      checkpoint.readOptimizer(adam);
      assertThat(adam.updates()).isEqualTo(3000);
      model.clearGradients();
      Loss loss = model.accumulateGradient(batch(), checkpoint.step());
      assertThat(loss.smoothed()).isCloseTo(update.path("trainingLoss").asDouble(), within(1e-4));
      adam.update(parameters, FloatRegion.of(model.gradients()), 1.0 / loss.tokens(), update.path("rate").asDouble());
      model.parametersChanged();
      assertThat(model.loss(batch()).smoothed()).isCloseTo(update.path("lossAfter").asDouble(), within(1e-3));
    }
  }

  private TransformerModel loaded(Kernels kernels) throws IOException {
    TransformerModel model = TransformerModel.create(config, kernels);
    FloatRegion flat = FloatRegion.of(model.parameters());
    checkpoint.readModel(model.namedParameters().stream()
        .map(parameter -> NamedTensor.of(parameter.name(), flat.slice(parameter.offset(), parameter.offset() + parameter.length()),
            parameter.shape()))
        .toList());
    model.parametersChanged();
    return model;
  }

  private TokenBatch batch() {
    return TokenBatch.pack(sentences("sources"), sentences("targets"), 0, 0, ControlTokens.STANDARD.begin(), ControlTokens.STANDARD.end());
  }

  private void assertLogits(TransformerModel model, double tolerance) {
    double[][] found = model.logits(batch()).castTo(DataType.DOUBLE).toDoubleMatrix();
    JsonNode wanted = expected.path("logits");
    assertThat(found).hasNumberOfRows(wanted.size());
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("%s, token %d", model.kernels().description(), i)
          .containsExactly(StreamSupport.stream(wanted.get(i).spliterator(), false).mapToDouble(JsonNode::asDouble).toArray(),
              within(tolerance));
    }
  }

  private void assertTranslations(TransformerModel model, double tolerance) {
    try (NetworkStepDecoder decoder = new NetworkStepDecoder(model, ControlTokens.STANDARD)) {
      List<List<Hypothesis>> found = new BeamSearch(decoder, new DecodingOptions(4, 0.6, 2, 2, 10)).translate(sentences("sources"));
      for (int sentence = 0; sentence < found.size(); sentence++) {
        JsonNode wanted = expected.path("translations").get(sentence);
        assertThat(found.get(sentence)).hasSize(wanted.size());
        for (int rank = 0; rank < wanted.size(); rank++) {
          Hypothesis hypothesis = found.get(sentence).get(rank);
          assertThat(hypothesis.tokens()).as("sentence %d, rank %d", sentence, rank).isEqualTo(tokens(wanted.get(rank).path("tokens")));
          assertThat(hypothesis.score()).isCloseTo(wanted.get(rank).path("score").asDouble(), within(tolerance));
        }
      }
    }
  }

  private List<int[]> sentences(String side) {
    return StreamSupport.stream(expected.path(side).spliterator(), false).map(KeptCheckpointTest::tokens).toList();
  }

  private static int[] tokens(JsonNode ids) {
    return StreamSupport.stream(ids.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
