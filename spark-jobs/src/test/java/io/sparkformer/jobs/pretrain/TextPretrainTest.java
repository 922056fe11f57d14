package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs on text, for each of its objectives. */
class TextPretrainTest {
  private static final Configuration HADOOP = new Configuration();

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(3);

  @TempDir
  private static Path folder;
  private static Path data;

  /** An objective, and a tiny network that learns it. */
  private enum Learner {
    NEXT_TOKEN("train.objective=next-token", "model.architecture=gpt2", "model.gpt2.n_embd=16", "model.gpt2.n_layer=1",
        "model.gpt2.n_head=2", "model.gpt2.n_positions=16", "model.gpt2.attn_pdrop=0.0"),
    MASKED_TOKEN("model.architecture=bert", "model.bert.hidden_size=16",
        "model.bert.num_hidden_layers=1", "model.bert.num_attention_heads=2", "model.bert.intermediate_size=32",
        "model.bert.max_position_embeddings=16", "model.bert.attention_probs_dropout_prob=0.0"),
    MASKED_WORD("train.objective=masked-token", "train.whole-words=true", "train.masked-share=0.8", "model.architecture=bert",
        "model.bert.hidden_size=16", "model.bert.num_hidden_layers=1", "model.bert.num_attention_heads=2",
        "model.bert.intermediate_size=32", "model.bert.max_position_embeddings=16"),
    DENOISED_SPANS("train.objective=denoised-spans", "model.architecture=t5", "model.t5.num_layers=1", "model.t5.d_model=16",
        "model.t5.num_heads=2", "model.t5.d_kv=8", "model.t5.d_ff=32"),
    PREFIX("train.objective=prefix", "model.architecture=t5", "model.t5.num_layers=1", "model.t5.d_model=16", "model.t5.num_heads=2",
        "model.t5.d_kv=8", "model.t5.d_ff=32");

    private final List<String> settings;

    Learner(String... settings) {
      this.settings = List.of(settings);
    }
  }

  @BeforeAll
  static void prepare() throws IOException {
    data = folder.resolve("data");
    CountingText.write(SPARK.session(), new org.apache.hadoop.fs.Path(data.toUri()), 120);
  }

  @ParameterizedTest
  @EnumSource
  void oneWorkerAndThreeEndWithTheSameParameters(Learner learner) throws IOException {
    succeeds(train(learner, "one", "train.workers=1"));
    succeeds(train(learner, "three", "train.workers=3"));
    succeeds(train(learner, "accumulated", "train.workers=1", "train.accumulate=3"));
    float[] one = parameters(learner, "one");
    assertSame(parameters(learner, "three"), one);
    assertSame(parameters(learner, "accumulated"), one);
  }

  @ParameterizedTest
  @EnumSource
  void aStoppedAndResumedRunEndsWithTheParametersOfTheUndisturbedRun(Learner learner) throws IOException {
    succeeds(train(learner, "whole", "train.workers=2"));
    succeeds(train(learner, "halves", "train.workers=2", "train.max-steps=9"));
    assertThat(succeeds(train(learner, "halves", "train.workers=2", Pretraining.RESUME))).contains("resuming at step 9");
    assertThat(parameters(learner, "halves")).isEqualTo(parameters(learner, "whole"));
    succeeds(train(learner, "others", "train.workers=3", "train.max-steps=9"));
    succeeds(train(learner, "others", "train.workers=1", Pretraining.RESUME));
    assertSame(parameters(learner, "others"), parameters(learner, "whole"));
  }

  @ParameterizedTest
  @EnumSource
  void learnsAndValidatesWithTheSameLossForAnyNumberOfWorkers(Learner learner) throws IOException {
    List<JsonNode> of = new ArrayList<>();
    for (int workers : new int[] {1, 3}) {
      String name = "learns-" + workers;
      String output = succeeds(train(learner, name, "train.workers=" + workers, "train.max-steps=60", "train.validation.interval-steps=30",
          "train.learning-rate.schedule=cosine", "train.learning-rate.peak=0.02", "train.learning-rate.warmup-steps=5",
          "train.optimizer.weight-decay=0.01", "train.optimizer.beta2=0.95"));
      assertThat(output).contains("validation loss");
      List<JsonNode> validations = validations(learner, name);
      assertThat(validations).hasSize(2);
      of.add(validations.get(1));
      assertThat(validations.get(1).get("nll").asDouble()).isLessThan(Math.log(CountingText.VOCABULARY) - 0.1);
    }
    assertThat(of.get(0).get("nll").asDouble()).isCloseTo(of.get(1).get("nll").asDouble(), within(1e-4));
  }

  @Test
  void whatATokenMaySeeChangesWhatIsLearnt() throws IOException {
    succeeds(train(Learner.NEXT_TOKEN, "document", "train.workers=1", "train.max-steps=3"));
    succeeds(train(Learner.NEXT_TOKEN, "row", "train.workers=1", "train.max-steps=3", "train.attention=row"));
    assertThat(parameters(Learner.NEXT_TOKEN, "row")).isNotEqualTo(parameters(Learner.NEXT_TOKEN, "document"));
  }

  /** A network that has learnt nothing gives all entries about the score 0: log Z and the loss of a token are both about log(entries). */
  @Test
  void zLossIsPartOfWhatIsMinimized() throws IOException {
    succeeds(train(Learner.NEXT_TOKEN, "z", "train.workers=2", "train.max-steps=3", "train.validation.interval-steps=3", "train.z-loss=0.1",
        "train.learning-rate.schedule=constant", "train.learning-rate.peak=1.0e-9", "train.learning-rate.warmup-steps=0"));
    JsonNode validation = validations(Learner.NEXT_TOKEN, "z").get(0);
    double nll = validation.get("nll").asDouble();
    assertThat(validation.get("loss").asDouble() - nll).isCloseTo(0.1 * nll * nll, within(0.05));
  }

  @Test
  void rowsThatAreCutElsewhereCannotGoOnAsTheyBegan() throws IOException {
    succeeds(train(Learner.NEXT_TOKEN, "cuts", "train.workers=1", "train.max-steps=2"));
    assertFails(train(Learner.NEXT_TOKEN, "cuts", "train.workers=1", "train.row-cuts=fixed", Pretraining.RESUME),
        "Cannot resume: train.row-cuts is fixed, in the checkpoint it was random; set it back, or begin a new run");
  }

  @Test
  void objectiveThatDoesNotSuitTheDataOrTheNetworkIsNamed() {
    assertFails(train(Learner.NEXT_TOKEN, "pairs", "train.objective=translation"), "train.objective = translation learns from pairs, but "
        + "train.data holds rows; set train.objective = next-token, masked-token, denoised-spans or prefix");
    assertFails(train(Learner.PREFIX, "sentinels", "train.objective=denoised-spans", "train.missing-share=0.5", "train.missing-span=1"),
        "train.objective = denoised-spans needs 9 tokens for the missing spans of a row of 16 tokens (<extra_id_0> and so on, with ids one "
            + "below the other), the tokenizer of train.data has 6; prepare with prepare.tokenizer.sentinels = 100");
    assertFails(train(Learner.MASKED_TOKEN, "stack", "train.objective=next-token"), "train.objective = next-token needs a decoder alone");
    assertFails(train(Learner.NEXT_TOKEN, "short", "model.gpt2.n_positions=15"), "model.gpt2.n_positions is 15, but the longest row of");
  }

  private static TrainingRun train(Learner learner, String name, String... assignments) {
    List<String> all = new ArrayList<>(learner.settings);
    all.addAll(List.of("train.max-steps=20", "train.optimizer.beta2=0.98"));
    all.addAll(List.of(assignments));
    return TrainingRun.beginText(new org.apache.hadoop.fs.Path(data.toUri()),
        new org.apache.hadoop.fs.Path(output(learner, name).toUri()), all.toArray(String[]::new));
  }

  private static String succeeds(TrainingRun run) {
    assertThat(run.await(120)).as(run.output()).isZero();
    return run.output();
  }

  private static void assertFails(TrainingRun run, String message) {
    assertThat(run.await(60)).isNotZero();
    assertThat(run.output()).contains(message);
  }

  private static Path output(Learner learner, String name) {
    return folder.resolve(learner + "-" + name);
  }

  private static float[] parameters(Learner learner, String name) throws IOException {
    return TrainingRun.parameters(HADOOP, new org.apache.hadoop.fs.Path(output(learner, name).toUri()));
  }

  private static List<JsonNode> validations(Learner learner, String name) throws IOException {
    List<JsonNode> validations = new ArrayList<>();
    try (var files = Files.list(output(learner, name).resolve("metrics"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".jsonl")).sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode json = new ObjectMapper().readTree(line);
          if (json.get("kind").asText().equals("validation")) {
            validations.add(json);
          }
        }
      }
    }
    return validations;
  }

  private static void assertSame(float[] actual, float[] expected) {
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
    }
    assertThat(largest).isLessThan(2e-5);
  }
}
