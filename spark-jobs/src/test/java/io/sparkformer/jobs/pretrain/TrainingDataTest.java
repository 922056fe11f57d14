package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.data.shard.Shard;
import io.sparkformer.data.shard.ShardManifest;
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
  private static final String ZSTD_LEVEL = "parquet.compression.codec.zstd.level";

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
    assertThat(impatient.output()).contains("error: train.validation.patience is 1, but " + data + " has no validation part to measure a "
        + "loss on; set it to 0, or prepare with prepare.held-out.fraction above 0 or a validation text");

    TrainingRun off = TrainingRun.begin(data, path("off"), "train.validation.interval-steps=0", "train.max-steps=1");
    assertThat(off.await(PATIENCE_SECONDS)).isZero();
    assertThat(off.output()).contains("no validation: train.validation.interval-steps is 0;");
  }

  @Test
  void aRunGoesOnWithTheSameTextPreparedAgainAndWithNoOther() throws IOException {
    Path data = path("first");
    Path again = path("again");
    ReversedPairs.write(SPARK.session(), data, 300);
    Configuration hadoop = SPARK.session().sparkContext().hadoopConfiguration();
    hadoop.setInt(ZSTD_LEVEL, 19);
    ReversedPairs.write(SPARK.session(), again, 300);
    hadoop.unset(ZSTD_LEVEL);
    assertThat(ShardManifest.read(hadoop, again).train().shards()).extracting(Shard::sha256).as("other bytes of the same pairs")
        .doesNotContainAnyElementsOf(ShardManifest.read(hadoop, data).train().shards().stream().map(Shard::sha256).toList());

    assertThat(TrainingRun.begin(data, path("run"), "train.max-steps=5").await(PATIENCE_SECONDS)).isZero();
    TrainingRun resumed = TrainingRun.begin(again, path("run"), "train.max-steps=10", Pretraining.RESUME);
    assertThat(resumed.await(PATIENCE_SECONDS)).as(resumed.output()).isZero();
    assertThat(resumed.output()).contains("resuming at step 5").contains("trained 10 steps");

    ReversedPairs.write(SPARK.session(), path("other"), 299);
    TrainingRun other = TrainingRun.begin(path("other"), path("run"), "train.max-steps=15", Pretraining.RESUME);
    assertThat(other.await(PATIENCE_SECONDS)).isEqualTo(1);
    assertThat(other.output()).contains("error: Cannot resume: train.data is not the data of the checkpoint (fingerprint ")
        .contains("give the folder that the run began with, or the same text prepared alike, or begin a new run");
  }

  private static Path path(String name) {
    return new Path(folder.resolve(name).toString());
  }
}
