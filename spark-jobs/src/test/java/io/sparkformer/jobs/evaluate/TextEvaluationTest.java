package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.EvaluateSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.model.GoldenModelFolder;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.objective.MaskedToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With golden models, whose outputs other tests compare with Hugging Face's. */
class TextEvaluationTest {
  private static final int BEGIN = 100;
  private static final int POSITIONS = 48;

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private Path folder;

  private Path model(String name) throws IOException {
    Path model = folder.resolve(name);
    GoldenModelFolder.write(name, model);
    return model;
  }

  private EvaluateSettings.TextLoss settings(Path model, String... assignments) {
    Stream<String> usual = Stream.of("evaluate.model=" + model, "evaluate.text=" + folder.resolve("text"), "evaluate.documents=line",
        "precision=float32");
    return Settings.defaults().with(Stream.concat(usual, Stream.of(assignments)).map(Assignment::parse).toList()).evaluate().text()
        .orElseThrow();
  }

  private TextScores scores(EvaluateSettings.TextLoss settings) throws IOException {
    return TextEvaluation.of(ModelLocation.find(new Configuration(), settings.model()), settings).run(SPARK.session(), settings);
  }

  private static List<int[]> documents(int most, int... lengths) {
    Random random = new Random(4);
    return Arrays.stream(lengths).mapToObj(length -> random.ints(length, 4, most).toArray()).toList();
  }

  private void write(List<int[]> documents) throws IOException {
    Files.write(folder.resolve("text"), documents.stream()
        .map(ids -> Arrays.stream(ids).mapToObj(id -> "w" + id).collect(Collectors.joining(" "))).toList());
  }

  /** Token by token, each with what its window holds before it. */
  @ParameterizedTest
  @CsvSource({"0, 0, 48, 24", "10, 3, 10, 3", "10, 10, 10, 10", "7, 1, 7, 1", "1, 1, 1, 1"})
  void everyTokenCountsOnceWithWhatStandsBeforeItInItsWindow(int window, int stride, int size, int step) throws IOException {
    List<int[]> documents = documents(100, 3, 60, 1, 130, 11, 10);
    write(documents);
    EvaluateSettings.TextLoss settings = settings(model("gpt2"), "evaluate.window=" + window, "evaluate.stride=" + stride,
        "evaluate.batch-tokens=97");
    TextScores found = scores(settings);
    double sum = 0;
    long correct = 0;
    SharedModel shared = SharedModel.of(ModelLocation.find(new Configuration(), settings.model()));
    TransformerModel network = shared.borrow();
    try (Session session = new Session(network, new ControlTokens(BEGIN, BEGIN, Set.of()))) {
      for (int[] document : documents) {
        int[] tokens = new int[document.length + 1];
        tokens[0] = BEGIN;
        System.arraycopy(document, 0, tokens, 1, document.length);
        for (int place = 1; place < tokens.length; place++) {
          int from = Math.max(0, (place - size + step - 1) / step * step);
          float[] logits = session.startLogits(List.of(Arrays.copyOfRange(tokens, Math.max(0, from), place)));
          double[] scores = new double[101];
          for (int i = 0; i < scores.length; i++) {
            scores[i] = logits[i];
          }
          double most = Arrays.stream(scores).max().orElseThrow();
          sum += most + Math.log(Arrays.stream(scores).map(each -> Math.exp(each - most)).sum()) - scores[tokens[place]];
          correct += scores[tokens[place]] == most ? 1 : 0;
        }
      }
    } finally {
      shared.giveBack(network);
    }
    long bytes = Files.readAllLines(folder.resolve("text")).stream().mapToLong(String::length).sum();
    assertThat(List.of(found.documents(), found.tokens(), found.words(), found.bytes(), found.correct()))
        .containsExactly(6L, 215L, 215L, bytes, correct);
    assertThat(found.negativeLogLikelihood()).isCloseTo(sum, within(1e-4 * sum));
    assertThat(found.perplexity()).isCloseTo(Math.exp(sum / 215), within(1e-2));
    assertThat(found.wordPerplexity()).isCloseTo(Math.exp(sum / 215), within(1e-2));
    assertThat(found.bitsPerByte()).isCloseTo(sum / bytes / Math.log(2), within(1e-4));
  }

  @Test
  void figuresFollowFromTheSums() {
    TextScores scores = new TextScores(false, 1, 8, 4, 16, 8 * Math.log(2), 2);
    assertThat(scores.perplexity()).isCloseTo(2, within(1e-12));
    assertThat(scores.wordPerplexity()).isCloseTo(4, within(1e-12));
    assertThat(scores.bitsPerByte()).isCloseTo(0.5, within(1e-12));
    assertThat(scores.accuracy()).isEqualTo(0.25);
  }

  @Test
  void hiddenTokensAreThoseOfTheObjective() throws IOException {
    Path model = model("bert-mlm");
    ObjectNode tokenizer = (ObjectNode) new ObjectMapper().readTree(model.resolve("tokenizer.json").toFile());
    ObjectNode vocabulary = (ObjectNode) tokenizer.path("model").path("vocab");
    vocabulary.set("[MASK]", vocabulary.remove("w3"));
    Files.writeString(model.resolve("tokenizer.json"), tokenizer.toString());
    List<int[]> documents = documents(60, 90, 30, 2, 75);
    write(documents);
    EvaluateSettings.TextLoss settings = settings(model, "evaluate.window=20", "evaluate.batch-tokens=45", "train.masked-share=0.3");
    TextScores found = scores(settings);
    ModelLocation location = ModelLocation.find(new Configuration(), settings.model());
    SharedModel shared = SharedModel.of(location);
    TransformerModel network = shared.borrow();
    MaskedToken objective = new MaskedToken(0.3, 3, network.config().vocabulary(), Set.copyOf(location.roles().all()));
    double sum = 0;
    long tokens = 0;
    long correct = 0;
    List<Long> numbers = numbers(documents);
    for (int document = 0; document < documents.size(); document++) {
      int[] ids = documents.get(document);
      for (int from = 0; from < ids.length; from += 20) {
        int[] window = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + 20));
        Batch batch = objective.batch(List.of(window), from, 31 + numbers.get(document));
        var loss = network.loss(batch).only();
        sum += loss.negativeLogLikelihood();
        tokens += loss.tokens();
        correct += loss.correct();
      }
    }
    shared.giveBack(network);
    assertThat(found.tokens()).isEqualTo(tokens).isBetween(30L, 90L);
    assertThat(found.correct()).isEqualTo(correct);
    assertThat(found.negativeLogLikelihood()).isCloseTo(sum, within(1e-4 * sum));
    assertThat(new EvaluationReport(Optional.empty(), Optional.empty(), Optional.of(found), Optional.empty()).lines())
        .singleElement().asString().startsWith("masked tokens: loss = ").endsWith(tokens + " tokens hidden in 4 documents");
  }

  /** A line's number is the place of its first byte in the file. */
  private static List<Long> numbers(List<int[]> documents) {
    long[] place = {0};
    return documents.stream().map(ids -> {
      long begin = place[0];
      place[0] += Arrays.stream(ids).mapToLong(id -> ("w" + id).length() + 1).sum();
      return begin;
    }).toList();
  }

  @Test
  void programPrintsTheFiguresOfAFile() throws IOException {
    write(documents(100, 30, 20));
    EvaluateSettings settings = Settings.defaults().with(Stream.of("evaluate.model=" + model("gpt2"), "evaluate.text="
        + folder.resolve("text")).map(Assignment::parse).toList()).evaluate();
    EvaluationReport report = EvaluateJob.evaluate(SPARK.session(), settings);
    assertThat(report.lines()).singleElement().asString().matches("loss = \\d+\\.\\d{4}, perplexity = [\\d.]+ per token, [\\d.]+ per word, "
        + "bits per byte = [\\d.]+, accuracy = [\\d.]+ %; 50 tokens, 50 words, \\d+ bytes, 1 documents");
    assertThat(new ObjectMapper().readTree(report.json()).path("text").path("tokens").asInt()).isEqualTo(50);
  }

  @Test
  void whatCannotBeEvaluatedIsNamed() throws IOException {
    write(documents(100, 5));
    Path gpt = model("gpt2");
    assertThatThrownBy(() -> scores(settings(gpt, "evaluate.window=49"))).isInstanceOf(InvalidInputException.class)
        .hasMessage("Invalid evaluate.window: 49 (must be at most what the model accepts, " + POSITIONS + " tokens)");
    assertThatThrownBy(() -> scores(settings(gpt, "evaluate.window=8", "evaluate.stride=9")))
        .hasMessage("Invalid evaluate.stride: 9 (must be at most the window, 8 tokens)");
    Path t5 = model("t5-original");
    assertThatThrownBy(() -> scores(settings(t5))).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("an encoder with a decoder");
    Path bert = model("bert-mlm");
    assertThatThrownBy(() -> scores(settings(bert))).isInstanceOf(InvalidInputException.class).hasMessageContaining("no mask token");
    Files.write(folder.resolve("text"), List.of(""));
    assertThatThrownBy(() -> scores(settings(gpt))).isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("Nothing to evaluate: ");
  }
}
