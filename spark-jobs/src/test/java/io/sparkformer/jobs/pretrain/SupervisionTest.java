package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.output.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Which failures of workers end a run, and which begin it again; on data and outputs in an object store. */
class SupervisionTest {
  private static final long SECONDS = 60;

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private static Path folder;
  private static float[] calm;

  @BeforeAll
  static void prepare() throws IOException {
    ObjectStore.register(hadoop());
    ReversedPairs.write(SPARK.session(), path("data"), 100);
    TrainingRun run = train("calm");
    assertThat(run.await(SECONDS)).as(run.output()).isZero();
    calm = TrainingRun.parameters(hadoop(), path("calm"));
  }

  @AfterEach
  void nothingFails() {
    ObjectStore.failWith(null);
  }

  @Test
  void aFailureThatPassesBeginsTheRunAgain() throws IOException {
    AtomicInteger opened = new AtomicInteger();
    ObjectStore.failWith((operation, file) -> {
      if (operation.equals("open") && file.getName().startsWith("shard-") && opened.incrementAndGet() == 1) {
        throw new IllegalStateException("the store is busy");
      }
    });
    TrainingRun run = train("busy");
    assertThat(run.await(SECONDS)).as(run.output()).isZero();
    assertThat(run.output()).contains("a worker failed: ").contains("the store is busy").contains("(1 of 3 times without a new one)");
    assertThat(TrainingRun.parameters(hadoop(), path("busy"))).isEqualTo(calm);
  }

  @Test
  void aCheckpointThatWasNotRenamedToItsEndIsNoneAndTheRunGoesOnFromTheOneBefore() throws IOException {
    AtomicInteger moved = new AtomicInteger();
    ObjectStore.failWith((operation, file) -> {
      // Of the second checkpoint: the model's configuration lies at its place by then, the rest does not.
      if (operation.equals("move") && file.getName().equals("model.safetensors") && moved.incrementAndGet() == 2) {
        throw new IOException("connection reset");
      }
    });
    TrainingRun run = train("torn");
    assertThat(run.await(SECONDS)).as(run.output()).isZero();
    assertThat(run.output()).contains("a worker failed: Worker 0: ").contains("connection reset")
        .contains("step-00000008/manifest.json: missing, so it was not written to its end. Trying the one of step 4.")
        .contains("resuming at step 4");
    assertThat(TrainingRun.parameters(hadoop(), path("torn"))).isEqualTo(calm);
  }

  @Test
  void aRefusalByTheFileSystemEndsTheRunAtOnce() {
    ObjectStore.failWith((operation, file) -> {
      if (operation.equals("create") && file.getName().equals("model.safetensors")) {
        throw new AccessControlException("Permission denied: " + file);
      }
    });
    assertEndsAtOnce(train("refused"), "error: Worker 0: rank 0, step 4: writing its files of the checkpoint failed: Permission denied: ");
  }

  @Test
  void trainingThatDivergesEndsAtOnce() {
    assertEndsAtOnce(train("diverging", "train.learning-rate.schedule=constant", "train.learning-rate.peak=1e30",
        "train.learning-rate.warmup-steps=0", "train.max-steps=40"), "5 steps in a row had a loss or gradient that is not finite");
  }

  private static void assertEndsAtOnce(TrainingRun run, String message) {
    assertThat(run.await(SECONDS)).as(run.output()).isEqualTo(1);
    List<String> errors = run.output().lines().filter(line -> line.startsWith("error: ")).toList();
    assertThat(errors).singleElement().asString().contains(message).doesNotContain("--resume");
    assertThat(run.output()).doesNotContain("going on from the last checkpoint");
  }

  private static TrainingRun train(String name, String... assignments) {
    String[] all = new String[assignments.length + 3];
    System.arraycopy(assignments, 0, all, 3, assignments.length);
    all[0] = "train.workers=2";
    all[1] = "train.max-steps=12";
    all[2] = "train.checkpoint.interval-steps=4";
    return TrainingRun.begin(path("data"), path(name), all);
  }

  private static Configuration hadoop() {
    return SPARK.session().sparkContext().hadoopConfiguration();
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return ObjectStore.path(folder.resolve(name));
  }
}
