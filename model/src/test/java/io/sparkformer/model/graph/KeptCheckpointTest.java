package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.block.Recompute;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Hypothesis;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.hub.FirstVersion;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.objective.SequenceToSequence;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
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
 *   <li>the loss, summed over tokens, of the next update with its dropout.</li>
 * </ul>
 */
class KeptCheckpointTest {
  private static final double EXACT = 1e-6;
  /** Of float32 logits of up to about 10: a few units of their last place, for any order of the sums. */
  private static final double SINGLE = 2e-5;

  private final ParallelBlocks blocks = new ParallelBlocks(1);
  private Checkpoint checkpoint;
  private ModelConfig config;
  private JsonNode expected;

  private void open(String name) throws IOException {
    Path folder = Path.of(getClass().getResource("/checkpoint/" + name).getPath());
    checkpoint = Checkpoint.open(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()));
    config = ModelConfig.parse(checkpoint.config().toString());
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
    TransformerModel exact = TransformerModel.create(config.network(), new Nd4jKernels(), Recompute.NONE, DataType.DOUBLE);
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

  /** As the class of Hugging Face's that computes it, with its stream in another order. */
  @Test
  void asMarianItsLogitsAndTranslationsAreThoseOfThen() throws IOException {
    open("post-norm-relu");
    TransformerModel marian = TransformerModel.create(FirstVersion.marian(config).network(), new Nd4jKernels(), Recompute.NONE,
        DataType.DOUBLE);
    TransformerModel first = TransformerModel.create(config.network(), new Nd4jKernels(), Recompute.NONE, DataType.DOUBLE);
    first.parameters().assign(loaded(new Nd4jKernels()).parameters().castTo(DataType.DOUBLE));
    FirstVersion.rewrite(first, marian);
    assertLogits(marian, EXACT);
    assertTranslations(marian, EXACT);
  }

  /** Dropout has the same masks, so a run that begins from these weights sees the same losses. */
  @ParameterizedTest
  @ValueSource(strings = {"post-norm-relu", "pre-norm-gelu"})
  void theLossOfTheNextUpdateIsThatOfThen(String name) throws IOException {
    open(name);
    for (Kernels kernels : List.of(new Nd4jKernels(), new CpuKernels(2))) {
      Loss loss = loaded(kernels).accumulateGradient(batch(), checkpoint.step()).only();
      assertThat(loss.smoothed()).isCloseTo(expected.path("update").path("trainingLoss").asDouble(), within(1e-4));
    }
  }

  /** The flat array has another order since then: its parts would go to other parameters. */
  @Test
  void theOptimizersStateIsRefused() throws IOException {
    open("post-norm-relu");
    Adam adam = new Adam(new AdamSettings(0.9, 0.98, 1e-9), new FlatRange(0, checkpoint.parameters()), blocks);
    assertThatThrownBy(() -> checkpoint.readOptimizer(adam)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("written by version 0.1").hasMessageContaining("train.from");
  }

  private TransformerModel loaded(Kernels kernels) throws IOException {
    TransformerModel model = TransformerModel.create(config.network(), kernels);
    ModelTensors tensors = ModelTensors.of(config, model.namedParameters(), FloatRegion.of(model.parameters()));
    checkpoint.readModel(tensors.all(), tensors.naming());
    model.parametersChanged();
    return model;
  }

  private Batch batch() {
    return new SequenceToSequence(ControlTokens.STANDARD.begin(), ControlTokens.STANDARD.end())
        .batch(sentences("sources"), sentences("targets"), 0, 0);
  }

  private void assertLogits(TransformerModel model, double tolerance) {
    double[][] found = model.logits(batch(), HeadConfig.Vocabulary.NAME).castTo(DataType.DOUBLE).toDoubleMatrix();
    JsonNode wanted = expected.path("logits");
    assertThat(found).hasNumberOfRows(wanted.size());
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("%s, token %d", model.kernels().description(), i)
          .containsExactly(StreamSupport.stream(wanted.get(i).spliterator(), false).mapToDouble(JsonNode::asDouble).toArray(),
              within(tolerance));
    }
  }

  private void assertTranslations(TransformerModel model, double tolerance) {
    try (Session decoder = new Session(model, ControlTokens.STANDARD)) {
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
