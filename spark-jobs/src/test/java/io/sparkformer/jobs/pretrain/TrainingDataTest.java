package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.model.checkpoint.CheckpointStore;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What training makes of its data: whole runs through the program. */
class TrainingDataTest {
  private static final int PATIENCE_SECONDS = 100;

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(3);

  @TempDir
  private static java.nio.file.Path folder;

  @Test
  void withoutValidationPairsTheBestModelIsTheLastCheckpoint() throws IOException {
    Path data = path("no-validation");
    ReversedPairs.write(SPARK.session(), data, 300, 0);
    String[] settings = {"train.max-steps=20", "train.checkpoint.interval-steps=5", "train.validation.interval-steps=5"};
    TrainingRun run = TrainingRun.begin(data, path("unvalidated"), settings);
    assertThat(run.await(PATIENCE_SECONDS)).as(run.output()).isZero();
    assertThat(run.output()).containsOnlyOnce("no validation: the data has no validation pairs; the best model is the last checkpoint")
        .doesNotContain("NaN").doesNotContain("best so far");
    assertThat(new CheckpointStore(new Configuration(), path("unvalidated")).best(warning -> { }).orElseThrow().step()).isEqualTo(20);
    assertThat(TrainingRun.state(new Configuration(), path("unvalidated")).bestNll()).isNull();

    TrainingRun impatient = TrainingRun.begin(data, path("impatient"), "train.validation.interval-steps=5", "train.validation.patience=1");
    assertThat(impatient.await(PATIENCE_SECONDS)).isEqualTo(1);
    assertThat(impatient.output()).contains("error: train.validation.patience is 1, but " + data + " has no validation pairs to measure a "
        + "loss on; set it to 0, or prepare with prepare.held-out.fraction above 0 or a validation text");

    TrainingRun off = TrainingRun.begin(data, path("off"), "train.validation.interval-steps=0", "train.max-steps=1");
    assertThat(off.await(PATIENCE_SECONDS)).isZero();
    assertThat(off.output()).contains("no validation: train.validation.interval-steps is 0;");
  }

  private static Path path(String name) {
    return new Path(folder.resolve(name).toString());
  }
}
