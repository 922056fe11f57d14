package io.sparkformer.jobs.pretrain;

import static io.sparkformer.jobs.pretrain.Pretraining.RESUME;
import static io.sparkformer.jobs.pretrain.SmallRuns.assertSame;
import static io.sparkformer.jobs.pretrain.SmallRuns.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.jobs.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Whole training runs whose workers average after several local steps. */
class LocalStepsRunTest {
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
  void aRunWithLocalStepsThatWasStoppedAndResumedEndsWithTheParametersOfTheUndisturbedRun() throws IOException {
    String[] local = {"train.workers=3", "train.local-steps=4", "train.checkpoint.interval-steps=8", "model.dropout=0.2"};
    assertThat(runs.train("local-whole", local).status()).isZero();
    // Time is up at the first step, and takes effect at the first averaging.
    assertThat(runs.train("local-thirds", with(local, "train.max-time=1ms")).output())
        .contains("stopped: time is up").contains("trained 4 steps");
    assertThat(runs.train("local-thirds", with(local, RESUME, "train.max-steps=12")).output()).contains("resuming at step 4");
    assertThat(runs.train("local-thirds", with(local, RESUME)).output()).contains("resuming at step 12");
    assertSame(runs.parameters("local-thirds"), runs.parameters("local-whole"), 0);
    assertThat(runs.state("local-thirds")).isEqualTo(runs.state("local-whole"));

    assertThat(runs.train("local-others", with(local, "train.max-steps=12")).status()).isZero();
    assertThat(runs.train("local-others", with(local, RESUME, "train.workers=2")).output()).contains("resuming at step 12");
    assertThat(runs.state("local-others").trainedTargetTokens()).isEqualTo(runs.state("local-whole").trainedTargetTokens());
    assertThat(runs.parameters("local-others")).isNotEqualTo(runs.parameters("local-whole"));
  }

  @Test
  void aLoneWorkerTrainsTheSameWithLocalStepsAsWithout() throws IOException {
    String[] lone = {"train.workers=1", "train.checkpoint.interval-steps=10"};
    assertThat(runs.train("lone", lone).status()).isZero();
    assertThat(runs.train("lone-local", with(lone, "train.local-steps=5")).status()).isZero();
    assertSame(runs.parameters("lone-local"), runs.parameters("lone"), 0);
    assertThat(runs.state("lone-local")).isEqualTo(runs.state("lone"));
  }

  @Test
  void aRunWithLocalStepsLearnsAndReportsAtAveragings() throws IOException {
    ProgramRun run = runs.train("local-learns", "train.workers=3", "train.local-steps=5", "train.max-steps=100",
        "train.validation.interval-steps=20", "train.checkpoint.interval-steps=20", "train.learning-rate.peak=0.01",
        "train.learning-rate.schedule=constant", "train.learning-rate.warmup-steps=5", "train.report-interval=1ms");
    assertThat(run.status()).isZero();
    assertThat(run.output()).contains("5 local steps between averagings");
    List<JsonNode> lines = runs.metrics("local-learns");
    List<JsonNode> training = lines.stream().filter(line -> line.get("kind").asText().equals("training")).toList();
    assertThat(training).extracting(line -> line.get("step").asInt()).startsWith(5, 10, 15).endsWith(95, 100)
        .allMatch(step -> step % 5 == 0);
    List<Double> losses = lines.stream().filter(line -> line.get("kind").asText().equals("validation"))
        .map(line -> line.get("nll").asDouble()).toList();
    assertThat(losses).hasSize(5);
    assertThat(losses.get(4)).isLessThan(0.9 * losses.get(0));
  }
}
