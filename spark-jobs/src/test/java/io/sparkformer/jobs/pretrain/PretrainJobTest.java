package io.sparkformer.jobs.pretrain;

import static io.sparkformer.jobs.pretrain.Pretraining.RESUME;
import static io.sparkformer.jobs.pretrain.SmallRuns.assertSame;
import static io.sparkformer.jobs.pretrain.SmallRuns.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Processors;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole training runs through the program end with the same parameters, however many workers there are and wherever a run was stopped. */
class PretrainJobTest {
  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(3);

  @TempDir
  private static Path folder;
  private static SmallRuns runs;

  @BeforeAll
  static void prepare() throws IOException {
    runs = SmallRuns.in(folder, SPARK.session());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.2})
  void oneWorkerAndThreeWorkersEndWithTheSameParameters(double dropout) throws IOException {
    String rate = "model.dropout=" + dropout;
    assertThat(runs.train("one-" + dropout, "train.workers=1", rate).status()).isZero();
    assertThat(runs.train("three-" + dropout, "train.workers=3", rate).status()).isZero();
    assertThat(runs.train("accumulated-" + dropout, "train.workers=1", "train.accumulate=3", rate).status()).isZero();
    float[] one = runs.parameters("one-" + dropout);
    assertSame(runs.parameters("three-" + dropout), one, 2e-5);
    assertSame(runs.parameters("accumulated-" + dropout), one, 2e-5);
    assertThat(one).isNotEqualTo(runs.firstParameters("one-" + dropout));
  }

  @Test
  void aStoppedAndResumedRunEndsWithTheParametersOfTheUndisturbedRun() throws IOException {
    assertThat(runs.train("whole", "train.workers=2").status()).isZero();
    assertThat(runs.train("halves", "train.workers=2", "train.max-steps=9").status()).isZero();
    ProgramRun second = runs.train("halves", RESUME, "train.workers=2");
    assertThat(second.status()).isZero();
    assertThat(second.output()).contains("resuming at step 9");
    assertThat(runs.parameters("halves")).isEqualTo(runs.parameters("whole"));

    assertThat(runs.train("other-workers", "train.workers=3", "train.max-steps=9").status()).isZero();
    assertThat(runs.train("other-workers", RESUME, "train.workers=1").status()).isZero();
    assertSame(runs.parameters("other-workers"), runs.parameters("whole"), 2e-5);
  }

  @Test
  void workersWithBfloat16OnTheWireLearnAlmostTheSameAndResumeToTheLastBit() throws IOException {
    String wire = "parameter-server.wire-precision=bfloat16";
    assertThat(runs.train("float32-wire", "train.workers=3").status()).isZero();
    ProgramRun run = runs.train("bfloat16-wire", "train.workers=3", wire);
    assertThat(run.status()).isZero();
    assertThat(run.output()).contains(" | bfloat16 on the wire");
    float[] first = runs.firstParameters("float32-wire");
    float[] exact = runs.parameters("float32-wire");
    float[] rounded = runs.parameters("bfloat16-wire");
    double way = 0;
    double difference = 0;
    for (int i = 0; i < first.length; i++) {
      way += Math.pow(exact[i] - first[i], 2);
      difference += Math.pow(rounded[i] - exact[i], 2);
    }
    assertThat(Math.sqrt(difference / way)).isBetween(1e-5, 0.05);

    assertThat(runs.train("bfloat16-halves", "train.workers=3", "train.max-steps=9", wire).status()).isZero();
    assertThat(runs.train("bfloat16-halves", RESUME, "train.workers=3", wire).status()).isZero();
    assertThat(runs.parameters("bfloat16-halves")).isEqualTo(runs.parameters("bfloat16-wire"));
  }

  /** Stochastic rounding depends on nothing that a stop would change; and what auto has chosen stays. */
  @ParameterizedTest
  @ValueSource(strings = {"auto", "int8"})
  void aRunInAnotherPrecisionResumesToTheLastBit(String name) throws IOException {
    assumeTrue(!name.equals("int8") || CpuKernels.runsInt8(), "precision = int8 needs AVX-512 VNNI, which this processor lacks");
    String[] settings = {"train.workers=2", "precision=" + name, "model.dropout=0.2"};
    assertThat(runs.train(name + "-whole", settings).status()).isZero();
    // Layers that are computed again change nothing either.
    assertThat(runs.train(name + "-halves", with(settings, "train.max-steps=9", "train.recompute=layers")).status()).isZero();
    assertThat(runs.state(name + "-halves").precision())
        .isEqualTo(name.equals("auto") ? KernelSelection.fastestPrecision(KernelChoice.AUTO, Processors.ofHost(1)) : null);
    assertThat(runs.train(name + "-halves", with(settings, RESUME)).output()).contains("resuming at step 9");
    assertThat(runs.parameters(name + "-halves")).isEqualTo(runs.parameters(name + "-whole"))
        .isNotEqualTo(runs.firstParameters(name + "-whole"));
  }

  @Test
  void aRunWithoutAnyCheckpointBetweenItsEndsSavesItsEnd() throws IOException {
    assertThat(runs.train("sparse", "train.checkpoint.interval-steps=1000").status()).isZero();
    assertThat(runs.train("dense", "train.checkpoint.interval-steps=1", "train.checkpoint.keep=2").status()).isZero();
    assertThat(runs.parameters("dense")).isEqualTo(runs.parameters("sparse"));
    assertThat(new CheckpointStore(new Configuration(), runs.path("dense")).steps()).containsExactly(20L, 19L);
    assertThat(folder.resolve("dense/checkpoints")).isDirectoryNotContaining("glob:**/.unfinished*");
  }
}
