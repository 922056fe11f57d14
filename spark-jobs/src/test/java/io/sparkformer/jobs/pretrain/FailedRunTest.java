package io.sparkformer.jobs.pretrain;

import static io.sparkformer.jobs.pretrain.Pretraining.RESUME;
import static io.sparkformer.jobs.pretrain.SmallRuns.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.jobs.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs that fail, or do not begin, say why, and leave what can be gone on with. */
class FailedRunTest {
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
  void aDamagedCheckpointIsPassedOverForTheOneBefore() throws IOException {
    assertThat(runs.train("damaged", "train.max-steps=9", "train.checkpoint.interval-steps=4").status()).isZero();
    Path newest = folder.resolve("damaged/checkpoints/step-00000009/model.safetensors");
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 4;
    Files.write(newest, bytes);
    ProgramRun resumed = runs.train("damaged", RESUME);
    assertThat(resumed.status()).isZero();
    assertThat(resumed.output()).contains("step-00000009").contains("resuming at step 8");
    assertThat(runs.train("undamaged").status()).isZero();
    assertSame(runs.parameters("damaged"), runs.parameters("undamaged"), 0);
  }

  @Test
  void aCheckpointThatCannotBeWrittenEndsTheRunWithItsReason() throws IOException {
    ProgramRun run = runs.train("unwritable", "train.data=" + dataWithoutTokenizer(), "train.max-restarts=1");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.output()).contains("a worker failed: Worker 0: ")
        .contains("going on from the last checkpoint (1 of 1 times without a new one)");
    assertThat(run.errors()).contains("error: Training failed 2 times without a new checkpoint in between (train.max-restarts)")
        .contains("step 7: writing its files of the checkpoint failed: ").contains("tokenizer.json does not exist")
        .doesNotContain("--resume");
  }

  @Test
  void timeGoesOnWhileARunIsRestarted() throws IOException {
    // The driver looks at its clock when training begins, and at every start: the first is after one hour, the second after two.
    AtomicInteger hours = new AtomicInteger();
    ProgramRun run = runs.train("restarted", (job, settings) -> new Pretraining(job, settings,
        () -> Duration.ofHours(hours.getAndIncrement()).toNanos()).train(),
        "train.data=" + dataWithoutTokenizer(), "train.max-restarts=1", "train.max-time=90m");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.output().lines().filter(line -> line.startsWith("a worker failed: "))).singleElement().asString()
        .contains("step 7: writing its files of the checkpoint failed: ");
    assertThat(run.errors()).contains("step 1: writing its files of the checkpoint failed: ");
  }

  @Test
  void whatARunLeavesThatEndedBeforeItsFirstCheckpointIsNotInTheWay() throws IOException {
    Files.createDirectories(folder.resolve("early/checkpoints/.unfinished-step-00000007-x"));
    Files.createDirectories(folder.resolve("early/metrics"));
    assertThat(runs.train("early", "train.max-steps=1").status()).isZero();
    Files.createDirectories(folder.resolve("foreign"));
    Files.writeString(folder.resolve("foreign/thesis.txt"), "not ours");
    assertMistake(runs.train("foreign"), "Output exists already: " + runs.path("foreign") + "; continue its training with --resume");
    assertThat(folder.resolve("foreign")).isDirectoryContaining("glob:**/thesis.txt");
  }

  @Test
  void mistakesAreOneLineBeforeAnyWork() throws IOException {
    assertThat(runs.train("exists", "train.max-steps=1").status()).isZero();
    assertMistake(runs.train("exists"), "Output exists already: " + runs.path("exists") + "; continue its training with --resume");
    assertMistake(runs.train("/proc/nowhere/x"), "output /proc/nowhere/x cannot be created: /proc cannot be written to");
    assertMistake(runs.train("nothing", RESUME), "Nothing to resume: no checkpoint in " + runs.path("nothing")
        + "; leave out --resume to begin a new run");
    assertMistake(runs.train("exists", RESUME, "seed=2"), "Cannot resume: model.* is");
    assertMistake(runs.train("exists", RESUME, "train.batch-tokens=64"),
        "Cannot resume: train.batch-tokens is 64, in the checkpoint it was 128");
    assertMistake(runs.train("warm", "train.learning-rate.schedule=linear", "train.learning-rate.warmup-steps=20", "train.max-steps=16"),
        "Invalid learning-rate warmup-steps: 20 (must be < the last step, 16)");
    assertThat(folder.resolve("warm")).doesNotExist();
    assertMistake(runs.train("heads", "model.heads=7"), "Invalid model.heads: 7 (must divide d-model, 32; try 8");
    assertMistake(runs.train("short", "model.max-length=4"), "model.max-length is 4, but the longest sentence of");
    assertMistake(runs.train("crowd", "train.workers=9"), "train.workers is 9, but Spark has 3 task slots");
    assertMistake(runs.train("phase", "train.local-steps=4"), "train.checkpoint.interval-steps must be a multiple of train.local-steps: 7, "
        + "local-steps=4 (--set train.checkpoint.interval-steps=7); try 4 or 8");
    assertMistake(runs.train("tiny", "train.batch-tokens=5"), "A batch of 5 tokens cannot hold the longest sentence of");
  }

  /** Data that trains, and cannot be saved: a checkpoint holds the tokenizer. */
  private static Path dataWithoutTokenizer() throws IOException {
    Path copy = folder.resolve("data-without-tokenizer");
    if (Files.exists(copy)) {
      return copy;
    }
    for (String file : List.of("manifest.json", "train", "validation")) {
      FileUtil.copy(runs.data().resolve(file).toFile(), FileSystem.getLocal(new Configuration()).getRawFileSystem(),
          new org.apache.hadoop.fs.Path(copy.resolve(file).toUri()), false, new Configuration());
    }
    return copy;
  }

  private static void assertMistake(ProgramRun run, String message) {
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.errors()).contains("error: " + message);
    assertThat(run.errors().lines().filter(line -> line.startsWith("error:"))).hasSize(1);
  }
}
