package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** Training runs of a small network on reversed sentences, of 20 steps unless they say otherwise, each in a folder of its own. */
final class SmallRuns {
  private final Path folder;
  private final Path data;

  private SmallRuns(Path folder, Path data) {
    this.folder = folder;
    this.data = data;
  }

  /** Writes the data into a folder, in which the runs will be too. */
  static SmallRuns in(Path folder, SparkSession session) throws IOException {
    Path data = folder.resolve("data");
    ReversedPairs.write(session, new org.apache.hadoop.fs.Path(data.toUri()), 300);
    return new SmallRuns(folder, data);
  }

  Path data() {
    return data;
  }

  /** @param settings assignments; with {@code --resume} among them the run goes on */
  ProgramRun train(String name, String... settings) {
    return train(name, (run, record) -> new Pretraining(run, record).train(), settings);
  }

  ProgramRun train(String name, JobProgram.Work<TrainSettings> job, String... settings) {
    List<String> all = new ArrayList<>(List.of("train.data=" + data, "precision=float32", "model.d-model=32", "model.heads=4",
        "model.ffn=48", "model.encoder-layers=1", "model.decoder-layers=1", "train.batch-tokens=128", "train.shuffle-window=64",
        "train.max-steps=20", "train.max-epochs=100", "train.checkpoint.interval-steps=7", "train.validation.interval-steps=0",
        "train.validation.bleu-sentences=0", "train.learning-rate.warmup-steps=50"));
    all.addAll(List.of(settings));
    return ProgramRun.of(List.of("--output", folder.resolve(name).toString()), all, job);
  }

  static String[] with(String[] settings, String... more) {
    return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
  }

  List<JsonNode> metrics(String name) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(name + "/metrics/from-step-00000000.jsonl"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  TrainingState state(String name) throws IOException {
    return TrainingRun.state(new Configuration(), path(name));
  }

  org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toString());
  }

  /** Of a run that has ended after 20 steps. */
  float[] parameters(String name) throws IOException {
    assertThat(state(name).step()).isEqualTo(20);
    return TrainingRun.parameters(new Configuration(), path(name));
  }

  float[] firstParameters(String name) throws IOException {
    Checkpoint newest = new CheckpointStore(new Configuration(), path(name)).latest(warning -> { }).orElseThrow();
    return TransformerModel.create(ModelConfig.parse(newest.config().toString()).network(), new Nd4jKernels()).parameters().toFloatVector();
  }

  static void assertSame(float[] found, float[] expected, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).as("parameter %d", i).isCloseTo(expected[i], within(tolerance));
    }
  }
}
