package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Processors;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole training runs through the program, on a real Spark session with three task slots. */
class PretrainJobTest {
  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(3);

  @TempDir
  private static Path folder;
  private static Path data;

  @BeforeAll
  static void prepare() throws IOException {
    data = folder.resolve("data");
    ReversedPairs.write(SPARK.session(), new org.apache.hadoop.fs.Path(data.toUri()), 300);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.2})
  void oneWorkerAndThreeWorkersEndWithTheSameParameters(double dropout) throws IOException {
    String rate = "model.dropout=" + dropout;
    assertThat(train("one-" + dropout, "train.workers=1", rate).status).isZero();
    assertThat(train("three-" + dropout, "train.workers=3", rate).status).isZero();
    assertThat(train("accumulated-" + dropout, "train.workers=1", "train.accumulate=3", rate).status).isZero();
    float[] one = parameters("one-" + dropout);
    assertSame(parameters("three-" + dropout), one, 2e-5);
    assertSame(parameters("accumulated-" + dropout), one, 2e-5);
    assertThat(one).isNotEqualTo(firstParameters("one-" + dropout));
  }

  @Test
  void aStoppedAndResumedRunEndsWithTheParametersOfTheUndisturbedRun() throws IOException {
    assertThat(train("whole", "train.workers=2").status).isZero();
    assertThat(train("halves", "train.workers=2", "train.max-steps=9").status).isZero();
    Run second = train("halves", true, "train.workers=2");
    assertThat(second.status).isZero();
    assertThat(second.output).contains("resuming at step 9");
    assertThat(parameters("halves")).isEqualTo(parameters("whole"));

    assertThat(train("other-workers", "train.workers=3", "train.max-steps=9").status).isZero();
    assertThat(train("other-workers", true, "train.workers=1").status).isZero();
    assertSame(parameters("other-workers"), parameters("whole"), 2e-5);
  }

  @Test
  void aRunWithLocalStepsThatWasStoppedAndResumedEndsWithTheParametersOfTheUndisturbedRun() throws IOException {
    String[] local = {"train.workers=3", "train.local-steps=4", "train.checkpoint.interval-steps=8", "model.dropout=0.2"};
    assertThat(train("local-whole", local).status).isZero();
    // Time is up at the first step, and takes effect at the first averaging.
    assertThat(train("local-thirds", with(local, "train.max-time=1ms")).output).contains("stopped: time is up").contains("trained 4 steps");
    assertThat(train("local-thirds", true, with(local, "train.max-steps=12")).output).contains("resuming at step 4");
    assertThat(train("local-thirds", true, local).output).contains("resuming at step 12");
    assertSame(parameters("local-thirds"), parameters("local-whole"), 0);
    assertThat(state("local-thirds")).isEqualTo(state("local-whole"));

    assertThat(train("local-others", with(local, "train.max-steps=12")).status).isZero();
    assertThat(train("local-others", true, with(local, "train.workers=2")).output).contains("resuming at step 12");
    assertThat(state("local-others").trainedTargetTokens()).isEqualTo(state("local-whole").trainedTargetTokens());
    assertThat(parameters("local-others")).isNotEqualTo(parameters("local-whole"));
  }

  @Test
  void aLoneWorkerTrainsTheSameWithLocalStepsAsWithout() throws IOException {
    String[] lone = {"train.workers=1", "train.checkpoint.interval-steps=10"};
    assertThat(train("lone", lone).status).isZero();
    assertThat(train("lone-local", with(lone, "train.local-steps=5")).status).isZero();
    assertSame(parameters("lone-local"), parameters("lone"), 0);
    assertThat(state("lone-local")).isEqualTo(state("lone"));
  }

  @Test
  void aRunWithLocalStepsLearnsAndReportsAtAveragings() throws IOException {
    Run run = train("local-learns", "train.workers=3", "train.local-steps=5", "train.max-steps=100", "train.validation.interval-steps=20",
        "train.checkpoint.interval-steps=20", "train.learning-rate.peak=0.01", "train.learning-rate.schedule=constant",
        "train.learning-rate.warmup-steps=5", "train.report-interval=1ms");
    assertThat(run.status).isZero();
    assertThat(run.output).contains("5 local steps between averagings");
    List<JsonNode> lines = metrics("local-learns");
    List<JsonNode> training = lines.stream().filter(line -> line.get("kind").asText().equals("training")).toList();
    assertThat(training).extracting(line -> line.get("step").asInt()).startsWith(5, 10, 15).endsWith(95, 100)
        .allMatch(step -> step % 5 == 0);
    List<Double> losses = lines.stream().filter(line -> line.get("kind").asText().equals("validation"))
        .map(line -> line.get("nll").asDouble()).toList();
    assertThat(losses).hasSize(5);
    assertThat(losses.get(4)).isLessThan(0.9 * losses.get(0));
  }

  @Test
  void workersWithBfloat16OnTheWireLearnAlmostTheSameAndResumeToTheLastBit() throws IOException {
    String wire = "parameter-server.wire-precision=bfloat16";
    assertThat(train("float32-wire", "train.workers=3").status).isZero();
    Run run = train("bfloat16-wire", "train.workers=3", wire);
    assertThat(run.status).isZero();
    assertThat(run.output).contains(" | bfloat16 on the wire");
    float[] first = firstParameters("float32-wire");
    float[] exact = parameters("float32-wire");
    float[] rounded = parameters("bfloat16-wire");
    double way = 0;
    double difference = 0;
    for (int i = 0; i < first.length; i++) {
      way += Math.pow(exact[i] - first[i], 2);
      difference += Math.pow(rounded[i] - exact[i], 2);
    }
    assertThat(Math.sqrt(difference / way)).isBetween(1e-5, 0.05);

    assertThat(train("bfloat16-halves", "train.workers=3", "train.max-steps=9", wire).status).isZero();
    assertThat(train("bfloat16-halves", true, "train.workers=3", wire).status).isZero();
    assertThat(parameters("bfloat16-halves")).isEqualTo(parameters("bfloat16-wire"));
  }

  /** Stochastic rounding depends on nothing that a stop would change; and what auto has chosen stays. */
  @ParameterizedTest
  @ValueSource(strings = {"auto", "int8"})
  void aRunInAnotherPrecisionResumesToTheLastBit(String name) throws IOException {
    assumeTrue(!name.equals("int8") || CpuKernels.runsInt8(), "precision = int8 needs AVX-512 VNNI, which this processor lacks");
    String[] settings = {"train.workers=2", "precision=" + name, "model.dropout=0.2"};
    assertThat(train(name + "-whole", settings).status).isZero();
    // Layers that are computed again change nothing either.
    assertThat(train(name + "-halves", with(settings, "train.max-steps=9", "train.recompute=layers")).status).isZero();
    assertThat(state(name + "-halves").precision())
        .isEqualTo(name.equals("auto") ? KernelSelection.fastestPrecision(KernelChoice.AUTO, Processors.ofHost(1)) : null);
    assertThat(train(name + "-halves", true, settings).output).contains("resuming at step 9");
    assertThat(parameters(name + "-halves")).isEqualTo(parameters(name + "-whole")).isNotEqualTo(firstParameters(name + "-whole"));
  }

  @Test
  void aDamagedCheckpointIsPassedOverForTheOneBefore() throws IOException {
    assertThat(train("damaged", "train.max-steps=9", "train.checkpoint.interval-steps=4").status).isZero();
    Path newest = folder.resolve("damaged/checkpoints/step-00000009/model.safetensors");
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 4;
    Files.write(newest, bytes);
    Run resumed = train("damaged", true);
    assertThat(resumed.status).isZero();
    assertThat(resumed.output).contains("step-00000009").contains("resuming at step 8");
    assertThat(train("undamaged").status).isZero();
    assertSame(parameters("damaged"), parameters("undamaged"), 0);
  }

  @Test
  void aCheckpointThatCannotBeWrittenEndsTheRunWithItsReason() throws IOException {
    Run run = train("unwritable", "train.data=" + dataWithoutTokenizer(), "train.max-restarts=1");
    assertThat(run.status).isEqualTo(1);
    assertThat(run.output).contains("a worker failed: Worker 0: ")
        .contains("going on from the last checkpoint (1 of 1 times without a new one)");
    assertThat(run.errors).contains("error: Training failed 2 times without a new checkpoint in between (train.max-restarts)")
        .contains("step 7: writing its files of the checkpoint failed: ").contains("tokenizer.json does not exist")
        .doesNotContain("--resume");
  }

  @Test
  void timeGoesOnWhileARunIsRestarted() throws IOException {
    // The driver looks at its clock when training begins, and at every start: the first is after one hour, the second after two.
    AtomicInteger hours = new AtomicInteger();
    Run run = train("restarted", false, (job, settings) -> new Pretraining(job, settings,
        () -> Duration.ofHours(hours.getAndIncrement()).toNanos()).train(),
        "train.data=" + dataWithoutTokenizer(), "train.max-restarts=1", "train.max-time=90m");
    assertThat(run.status).isEqualTo(1);
    assertThat(run.output.lines().filter(line -> line.startsWith("a worker failed: "))).singleElement().asString()
        .contains("step 7: writing its files of the checkpoint failed: ");
    assertThat(run.errors).contains("step 1: writing its files of the checkpoint failed: ");
  }

  @Test
  void aRunWithoutAnyCheckpointBetweenItsEndsSavesItsEnd() throws IOException {
    assertThat(train("sparse", "train.checkpoint.interval-steps=1000").status).isZero();
    assertThat(train("dense", "train.checkpoint.interval-steps=1", "train.checkpoint.keep=2").status).isZero();
    assertThat(parameters("dense")).isEqualTo(parameters("sparse"));
    assertThat(new CheckpointStore(new Configuration(), path("dense")).steps()).containsExactly(20L, 19L);
    assertThat(folder.resolve("dense/checkpoints")).isDirectoryNotContaining("glob:**/.unfinished*");
  }

  @Test
  void metricsAreJsonLinesAndTheBestCheckpointIsMarked() throws IOException {
    Run run = train("metrics", "train.report-interval=1ms", "train.validation.interval-steps=5", "train.learning-rate.peak=0.01",
        "train.learning-rate.schedule=constant", "train.learning-rate.warmup-steps=5");
    assertThat(run.status).isZero();
    assertThat(run.output).contains("beginning at step 0 with ", "validation loss", "best so far", "train.max-steps");
    List<JsonNode> lines = metrics("metrics");
    List<JsonNode> training = lines.stream().filter(line -> line.get("kind").asText().equals("training")).toList();
    assertThat(training.get(training.size() - 1).get("loss").asDouble()).isLessThan(training.get(0).get("loss").asDouble());
    assertThat(training.get(3).get("time_shares").get("compute").asDouble()).isBetween(0.001, 1.0);
    assertThat(lines.stream().filter(line -> line.get("kind").asText().equals("validation"))).hasSize(4);
    assertThat(new CheckpointStore(new Configuration(), path("metrics")).bestStep()).isPresent();
  }

  @Test
  void aSecondStartFromTheSameStepLeavesMetricsAndTraceOfTheFirst() throws IOException {
    String[] traced = {"train.checkpoint.interval-steps=100", "train.trace-steps=2", "train.max-steps=4"};
    assertThat(train("twice", traced).status).isZero();
    FileUtil.fullyDelete(folder.resolve("twice/checkpoints").toFile());
    assertThat(train("twice", with(traced, "train.max-steps=3")).status).isZero();
    assertThat(folder.resolve("twice/metrics/from-step-00000000.jsonl")).content().contains("4 steps reached");
    assertThat(folder.resolve("twice/metrics/from-step-00000000-2.jsonl")).content().contains("3 steps reached");
    assertThat(folder.resolve("twice/trace/from-step-00000000.json")).exists();
    assertThat(folder.resolve("twice/trace/from-step-00000000-2.json")).exists();
  }

  @Test
  void aTraceShowsWhatEveryWorkerDidInTheFirstSteps() throws IOException {
    assertThat(train("traced", "train.workers=3", "train.trace-steps=5", "train.max-steps=8").status).isZero();
    JsonNode events = new ObjectMapper().readTree(folder.resolve("traced/trace/from-step-00000000.json").toFile()).get("traceEvents");
    List<JsonNode> computing = new ArrayList<>();
    List<Integer> named = new ArrayList<>();
    for (JsonNode event : events) {
      if (event.get("ph").asText().equals("M")) {
        named.add(event.get("pid").asInt());
      } else if (event.get("name").asText().equals("compute")) {
        computing.add(event);
      }
    }
    assertThat(named).containsExactly(0, 1, 2);
    for (int rank = 0; rank < 3; rank++) {
      long end = 0;
      int spans = 0;
      for (JsonNode event : computing) {
        if (event.get("pid").asInt() == rank) {
          assertThat(event.get("ts").asLong()).isGreaterThanOrEqualTo(end);
          end = event.get("ts").asLong() + event.get("dur").asLong();
          spans++;
        }
      }
      assertThat(spans).isGreaterThanOrEqualTo(5);
    }
    assertThat(folder.resolve("traced/trace")).isDirectoryNotContaining("glob:**.rank-*");
  }

  @Test
  void patienceStopsARunThatNoLongerImproves() throws IOException {
    Run run = train("patience", "train.validation.interval-steps=1", "train.validation.patience=2", "train.learning-rate.schedule=constant",
        "train.learning-rate.peak=10", "train.learning-rate.warmup-steps=0", "train.optimizer.clip-norm=0");
    assertThat(run.status).isZero();
    assertThat(run.output).contains("no better validation loss in 2 validations");
  }

  @Test
  void whatARunLeavesThatEndedBeforeItsFirstCheckpointIsNotInTheWay() throws IOException {
    Files.createDirectories(folder.resolve("early/checkpoints/.unfinished-step-00000007-x"));
    Files.createDirectories(folder.resolve("early/metrics"));
    assertThat(train("early", "train.max-steps=1").status).isZero();
    Files.createDirectories(folder.resolve("foreign"));
    Files.writeString(folder.resolve("foreign/thesis.txt"), "not ours");
    assertMistake(train("foreign"), "Output exists already: " + path("foreign") + "; continue its training with --resume");
    assertThat(folder.resolve("foreign")).isDirectoryContaining("glob:**/thesis.txt");
  }

  @Test
  void mistakesAreOneLineBeforeAnyWork() throws IOException {
    assertThat(train("exists", "train.max-steps=1").status).isZero();
    assertMistake(train("exists"), "Output exists already: " + path("exists") + "; continue its training with --resume");
    assertMistake(train("/proc/nowhere/x"), "output /proc/nowhere/x cannot be created: /proc cannot be written to");
    assertMistake(train("nothing", true), "Nothing to resume: no checkpoint in " + path("nothing") + "; leave out --resume to begin a new "
        + "run");
    assertMistake(train("exists", true, "seed=2"), "Cannot resume: model.* is");
    assertMistake(train("exists", true, "train.batch-tokens=64"), "Cannot resume: train.batch-tokens is 64, in the checkpoint it was 128");
    assertMistake(train("warm", "train.learning-rate.schedule=linear", "train.learning-rate.warmup-steps=20", "train.max-steps=16"),
        "Invalid learning-rate warmup-steps: 20 (must be < the last step, 16)");
    assertThat(folder.resolve("warm")).doesNotExist();
    assertMistake(train("heads", "model.heads=7"), "Invalid model.heads: 7 (must divide d-model, 32; try 8");
    assertMistake(train("short", "model.max-length=4"), "model.max-length is 4, but the longest sentence of");
    assertMistake(train("crowd", "train.workers=9"), "train.workers is 9, but Spark has 3 task slots");
    assertMistake(train("phase", "train.local-steps=4"), "train.checkpoint.interval-steps must be a multiple of train.local-steps: 7, "
        + "local-steps=4 (--set train.checkpoint.interval-steps=7); try 4 or 8");
    assertMistake(train("tiny", "train.batch-tokens=5"), "A batch of 5 tokens cannot hold the longest sentence of");
  }

  /** Data that trains, and cannot be saved: a checkpoint holds the tokenizer. */
  private static Path dataWithoutTokenizer() throws IOException {
    Path copy = folder.resolve("data-without-tokenizer");
    if (Files.exists(copy)) {
      return copy;
    }
    for (String file : List.of("manifest.json", "train", "validation")) {
      FileUtil.copy(data.resolve(file).toFile(), FileSystem.getLocal(new Configuration()).getRawFileSystem(),
          new org.apache.hadoop.fs.Path(copy.resolve(file).toUri()), false, new Configuration());
    }
    return copy;
  }

  private static void assertMistake(Run run, String message) {
    assertThat(run.status).isEqualTo(1);
    assertThat(run.errors).contains("error: " + message);
    assertThat(run.errors.lines().filter(line -> line.startsWith("error:"))).hasSize(1);
  }

  private record Run(int status, String output, String errors) {}

  private static Run train(String name, String... assignments) {
    return train(name, false, assignments);
  }

  private static Run train(String name, boolean resume, String... assignments) {
    return train(name, resume, (run, settings) -> new Pretraining(run, settings).train(), assignments);
  }

  private static Run train(String name, boolean resume, JobProgram.Work<TrainSettings> job, String... assignments) {
    List<String> args = new ArrayList<>(List.of("-s", "train.data=" + data, "--output", folder.resolve(name).toString()));
    List<String> settings = new ArrayList<>(List.of("precision=float32", "model.d-model=32", "model.heads=4", "model.ffn=48",
        "model.encoder-layers=1", "model.decoder-layers=1", "train.batch-tokens=128", "train.shuffle-window=64", "train.max-steps=20",
        "train.max-epochs=100", "train.checkpoint.interval-steps=7", "train.validation.interval-steps=0",
        "train.validation.bleu-sentences=0", "train.learning-rate.warmup-steps=50"));
    settings.addAll(List.of(assignments));
    settings.forEach(setting -> args.addAll(List.of("-s", setting)));
    if (resume) {
      args.add(Pretraining.RESUME);
    }
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
      int status = PretrainJob.program().run(args.toArray(String[]::new), Settings::train, job);
      return new Run(status, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static String[] with(String[] settings, String... more) {
    return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
  }

  private static List<JsonNode> metrics(String name) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(name + "/metrics/from-step-00000000.jsonl"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static TrainingState state(String name) throws IOException {
    return TrainingRun.state(new Configuration(), path(name));
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toString());
  }

  private static float[] parameters(String name) throws IOException {
    assertThat(TrainingRun.state(new Configuration(), path(name)).step()).isEqualTo(20);
    return TrainingRun.parameters(new Configuration(), path(name));
  }

  private static float[] firstParameters(String name) throws IOException {
    Checkpoint newest = new CheckpointStore(new Configuration(), path(name)).latest(warning -> { }).orElseThrow();
    return TransformerModel.create(ModelConfig.parse(newest.config().toString()).network(), new Nd4jKernels()).parameters().toFloatVector();
  }

  private static void assertSame(float[] found, float[] expected, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).as("parameter %d", i).isCloseTo(expected[i], within(tolerance));
    }
  }
}
