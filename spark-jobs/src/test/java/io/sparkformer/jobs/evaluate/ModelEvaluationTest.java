package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.EvaluateSettings;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.jobs.model.TinyModelFolder;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.objective.SequenceToSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ModelEvaluationTest {
  private static final SequenceToSequence PAIRS = new SequenceToSequence(1, 2);

  private static final List<String> SENTENCES = IntStream.range(0, 120).mapToObj(i -> "line " + i + " and other".repeat(i % 3)).toList();

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private static Path folder;

  private static TinyModelFolder tiny;

  @BeforeAll
  static void writeModel() throws IOException {
    tiny = TinyModelFolder.write(SPARK.session(), folder, SENTENCES);
  }

  @Test
  void lossIsThatOfThePairsOneByOne() throws IOException {
    EvaluationReport report = EvaluateJob.evaluate(SPARK.session(), new EvaluateSettings(Optional.empty(),
        Optional.of(new EvaluateSettings.ModelLoss(tiny.choice(1), tiny.data(), "validation", 300)), Optional.empty(), Optional.empty()));
    ModelScores scores = report.model().orElseThrow();
    SharedModel shared = SharedModel.of(ModelLocation.find(new Configuration(), tiny.choice(1)));
    TransformerModel network = shared.borrow();
    Loss sum = Loss.ZERO;
    for (String sentence : SENTENCES.subList(0, 60)) {
      sum = sum.plus(network.loss(PAIRS.batch(List.of(shared.tokenizer().encode(sentence)),
          List.of(shared.tokenizer().encode(sentence.toUpperCase())), 0, 0)).only());
    }
    shared.giveBack(network);
    assertThat(scores.pairs()).isEqualTo(60);
    assertThat(scores.targetTokens()).isEqualTo(sum.tokens());
    assertThat(scores.loss()).isCloseTo(sum.smoothed() / sum.tokens(), within(1e-4));
    assertThat(scores.negativeLogLikelihood()).isCloseTo(sum.negativeLogLikelihood() / sum.tokens(), within(1e-4));
    assertThat(scores.perplexity()).isCloseTo(Math.exp(scores.negativeLogLikelihood()), within(1e-9));
    assertThat(report.lines()).hasSize(2);
    assertThat(report.lines().get(0)).matches("validation loss = [\\d.]+ \\(label-smoothed [\\d.]+\\), "
        + "perplexity = [\\d.]+; [\\d,]+ target tokens, [\\d,]+ pairs");
    JsonNode json = new ObjectMapper().readTree(report.json());
    assertThat(json.at("/model/negativeLogLikelihood").asDouble()).isEqualTo(scores.negativeLogLikelihood());
  }

  @Test
  void unigramBaselineIsThatOfTheTrainingTargets() {
    long[] train = TargetTokenCounts.of(SPARK.session(), tiny.data(), DataPart.TRAIN, 2);
    long[] validation = TargetTokenCounts.of(SPARK.session(), tiny.data(), DataPart.VALIDATION, 2);
    assertThat(train).hasSize(TinyModelFolder.VOCABULARY);
    assertThat(train[2]).isEqualTo(120);
    assertThat(validation[2]).isEqualTo(60);
    assertThat(new UnigramModel(train).crossEntropy(validation)).isBetween(1.0, Math.log(TinyModelFolder.VOCABULARY));
  }

  @Test
  void namesOfDataAreLiteral(@TempDir Path other) throws IOException {
    for (String name : List.of("data[1]", "d{a,b}*?", "back\\slash")) {
      org.apache.hadoop.fs.Path copy = new org.apache.hadoop.fs.Path(other.toString(), name);
      FileUtil.copy(copy.getFileSystem(new Configuration()), tiny.data(), copy.getFileSystem(new Configuration()), copy, false,
          new Configuration());
      assertThat(TargetTokenCounts.of(SPARK.session(), copy, DataPart.VALIDATION, 2)[2]).isEqualTo(60);
    }
  }

  @Test
  void sharedModelsComputeWithTheSameParameters() throws IOException {
    SharedModel shared = SharedModel.of(ModelLocation.find(new Configuration(), tiny.choice(1)));
    TransformerModel first = shared.borrow();
    TransformerModel second = shared.borrow();
    assertThat(second).isNotSameAs(first);
    assertThat(second.parameters().data().address()).isEqualTo(first.parameters().data().address());
    Batch batch = PAIRS.batch(List.of(new int[] {30, 40}), List.of(new int[] {50}), 0, 0);
    assertThat(second.loss(batch)).isEqualTo(first.loss(batch));
    shared.giveBack(first);
    shared.giveBack(second);
  }

  @Test
  void dataOfAnotherVocabularyAndDamagedDataAreReported(@TempDir Path other) throws IOException {
    TinyModelFolder wrong = TinyModelFolder.write(SPARK.session(), other, SENTENCES.subList(0, 4));
    wrong.writeModel(TinyModelFolder.VOCABULARY - 10);
    ModelLocation model = ModelLocation.find(new Configuration(), wrong.choice(1));
    assertThatThrownBy(() -> new ModelEvaluation(model, 100).of(SPARK.session(), wrong.data(), DataPart.TRAIN))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("has a vocabulary of 280 tokens, the model one of 270; "
            + "evaluate it on data prepared with its own tokenizer");
    ModelLocation right = ModelLocation.find(new Configuration(), tiny.choice(1));
    Files.delete(other.resolve("data/validation/shard-00000.parquet"));
    assertThatThrownBy(() -> new ModelEvaluation(right, 100).of(SPARK.session(), wrong.data(), DataPart.VALIDATION))
        .isInstanceOf(InvalidInputException.class).hasMessageStartingWith("Missing shard ");
  }

  @Test
  void dataOfAnotherTokenizerOfTheSameSizeIsReportedWithBothFiles(@TempDir Path other) throws IOException {
    TinyModelFolder wrong = TinyModelFolder.write(SPARK.session(), other, SENTENCES.subList(0, 4),
        Map.of("LINE", 9L, " SEVEN", 8L, " AND", 7L, " line", 6L, "SMALL", 5L, " OTHER", 4L));
    ModelLocation model = ModelLocation.find(new Configuration(), tiny.choice(1));
    assertThatThrownBy(() -> new ModelEvaluation(model, 100).of(SPARK.session(), wrong.data(), DataPart.TRAIN))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("The data was not prepared with the model's tokenizer: SHA-256 of " + wrong.tokenizer() + " is "
            + Sha256.ofFile(new Configuration(), wrong.tokenizer()) + ", of " + model.tokenizer() + " it is "
            + Sha256.ofFile(new Configuration(), tiny.tokenizer())
            + "; evaluate the model on data that was prepared with prepare.tokenizer.path=" + model.tokenizer());
  }
}
