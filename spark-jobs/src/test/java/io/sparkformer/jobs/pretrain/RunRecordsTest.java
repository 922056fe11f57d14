package io.sparkformer.jobs.pretrain;

import static io.sparkformer.jobs.pretrain.SmallRuns.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What whole training runs write beside their checkpoints: metrics, traces, and why they ended. */
class RunRecordsTest {
  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(3);

  @TempDir
  private static Path folder;
  private static SmallRuns runs;

  @BeforeAll
  static void prepare() throws IOException {
    runs = SmallRuns.in(folder, SPARK.session());
  }

  @Test
  void metricsAreJsonLinesAndTheBestCheckpointIsMarked() throws IOException {
    ProgramRun run = runs.train("metrics", "train.report-interval=1ms", "train.validation.interval-steps=5",
        "train.learning-rate.peak=0.01", "train.learning-rate.schedule=constant", "train.learning-rate.warmup-steps=5");
    assertThat(run.status()).isZero();
    assertThat(run.output()).contains("beginning at step 0 with ", "validation loss", "best so far", "train.max-steps");
    List<JsonNode> lines = runs.metrics("metrics");
    List<JsonNode> training = lines.stream().filter(line -> line.get("kind").asText().equals("training")).toList();
    assertThat(training.get(training.size() - 1).get("loss").asDouble()).isLessThan(training.get(0).get("loss").asDouble());
    assertThat(training.get(3).get("time_shares").get("compute").asDouble()).isBetween(0.001, 1.0);
    assertThat(lines.stream().filter(line -> line.get("kind").asText().equals("validation"))).hasSize(4);
    assertThat(new CheckpointStore(new Configuration(), runs.path("metrics")).bestStep()).isPresent();
  }

  @Test
  void aSecondStartFromTheSameStepLeavesMetricsAndTraceOfTheFirst() throws IOException {
    String[] traced = {"train.checkpoint.interval-steps=100", "train.trace-steps=2", "train.max-steps=4"};
    assertThat(runs.train("twice", traced).status()).isZero();
    FileUtil.fullyDelete(folder.resolve("twice/checkpoints").toFile());
    assertThat(runs.train("twice", with(traced, "train.max-steps=3")).status()).isZero();
    assertThat(folder.resolve("twice/metrics/from-step-00000000.jsonl")).content().contains("4 steps reached");
    assertThat(folder.resolve("twice/metrics/from-step-00000000-2.jsonl")).content().contains("3 steps reached");
    assertThat(folder.resolve("twice/trace/from-step-00000000.json")).exists();
    assertThat(folder.resolve("twice/trace/from-step-00000000-2.json")).exists();
  }

  @Test
  void aTraceShowsWhatEveryWorkerDidInTheFirstSteps() throws IOException {
    assertThat(runs.train("traced", "train.workers=3", "train.trace-steps=5", "train.max-steps=8").status()).isZero();
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
    ProgramRun run = runs.train("patience", "train.validation.interval-steps=1", "train.validation.patience=2",
        "train.learning-rate.schedule=constant", "train.learning-rate.peak=10", "train.learning-rate.warmup-steps=0",
        "train.optimizer.clip-norm=0");
    assertThat(run.status()).isZero();
    assertThat(run.output()).contains("no better validation loss in 2 validations");
  }
}
