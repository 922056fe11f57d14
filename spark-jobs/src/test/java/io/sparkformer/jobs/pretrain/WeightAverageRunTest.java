package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.data.shard.BatchSequence;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Readers;
import io.sparkformer.data.shard.TokenRow;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.objective.NextToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose weights are averaged ({@code train.ema.decay}). */
class WeightAverageRunTest {
  private static final Configuration HADOOP = new Configuration();
  private static final double DECAY = 0.3;
  private static final Pattern VALIDATION = Pattern.compile("validation loss ([0-9.]+)");

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(3);

  @TempDir
  private static Path folder;
  private static org.apache.hadoop.fs.Path data;
  private static String printed;

  @BeforeAll
  static void train() throws IOException {
    data = new org.apache.hadoop.fs.Path(folder.resolve("data").toUri());
    CountingText.write(SPARK.session(), data, 120);
    run("plain", "train.workers=2", "train.ema.decay=0");
    printed = run("averaged", "train.workers=2", "train.checkpoint.interval-steps=1", "train.checkpoint.keep=20");
  }

  @Test
  void trainingGoesOnAsWithoutAnAverage() throws IOException {
    assertThat(trained(newest("averaged"))).isEqualTo(model("plain").parameters().toFloatVector());
    assertThat(model("averaged").parameters().toFloatVector()).isNotEqualTo(model("plain").parameters().toFloatVector());
  }

  @Test
  void checkpointsHoldTheAverageAsTheModel() throws IOException {
    float[] before = null;
    for (int step = 1; step <= 12; step++) {
      Checkpoint checkpoint = Checkpoint.open(HADOOP, new org.apache.hadoop.fs.Path(output("averaged"),
          "checkpoints/step-%08d".formatted(step)));
      float[] average = model(checkpoint).parameters().toFloatVector();
      float[] trained = trained(checkpoint);
      double decay = Math.min(DECAY, (double) step / (9 + step));
      for (int i = 0; before != null && i < average.length; i++) {
        assertThat((double) average[i]).isCloseTo(decay * before[i] + (1 - decay) * trained[i], within(1e-6));
      }
      before = average;
    }
  }

  @Test
  void theAverageIsValidated() throws IOException {
    TransformerModel model = model("averaged");
    Loss loss = Loss.ZERO;
    try (BatchSequence rows = BatchSequence.onePass(HADOOP, data, DataPart.VALIDATION, new BatchPlan(0, 64, 100), Readers.ALONE)) {
      while (rows.hasNext()) {
        List<int[]> batch = rows.next().examples(TokenRow.class).stream().map(TokenRow::tokens).toList();
        loss = loss.plus(model.loss(new NextToken().batch(batch, 0)).only());
      }
    }
    List<Double> validations = new ArrayList<>();
    for (Matcher each = VALIDATION.matcher(printed); each.find();) {
      validations.add(Double.parseDouble(each.group(1)));
    }
    assertThat(validations).as(printed).hasSizeGreaterThanOrEqualTo(4);
    assertThat(validations.get(3)).isCloseTo(loss.negativeLogLikelihood() / loss.tokens(), within(1e-4));
  }

  @Test
  void anyNumberOfWorkersAndAResumedRunEndWithTheSameAverage() throws IOException {
    run("one", "train.workers=1");
    run("three", "train.workers=3");
    assertThat(model("three").parameters().toFloatVector()).containsExactly(model("one").parameters().toFloatVector(), within(2e-5f));
    run("halves", "train.workers=2", "train.max-steps=7");
    assertThat(run("halves", "train.workers=2", Pretraining.RESUME)).contains("resuming at step 7");
    assertThat(model("halves").parameters().toFloatVector()).isEqualTo(model("averaged").parameters().toFloatVector());
    assertThat(trained(newest("halves"))).isEqualTo(trained(newest("averaged")));
  }

  private static String run(String name, String... assignments) {
    List<String> all = new ArrayList<>(List.of("model.architecture=gpt2", "model.gpt2.n_embd=16", "model.gpt2.n_layer=1",
        "model.gpt2.n_head=2", "model.gpt2.n_positions=16", "train.attention=row", "train.max-steps=12", "train.ema.decay=" + DECAY,
        "train.validation.interval-steps=3", "train.learning-rate.schedule=constant", "train.learning-rate.peak=0.01",
        "train.learning-rate.warmup-steps=0"));
    all.addAll(List.of(assignments));
    TrainingRun run = TrainingRun.beginText(data, output(name), all.toArray(String[]::new));
    assertThat(run.await(120)).as(run.output()).isZero();
    return run.output();
  }

  private static org.apache.hadoop.fs.Path output(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }

  private static Checkpoint newest(String name) throws IOException {
    return new CheckpointStore(HADOOP, output(name)).latest(warning -> { }).orElseThrow();
  }

  private static TransformerModel model(String name) throws IOException {
    return model(newest(name));
  }

  private static TransformerModel model(Checkpoint checkpoint) throws IOException {
    ModelConfig config = ModelConfig.parse(checkpoint.config().toString());
    TransformerModel model = TransformerModel.create(config.network().withoutRegularization(), new Nd4jKernels());
    ModelTensors tensors = ModelTensors.of(config, model);
    checkpoint.readModel(tensors.all(), tensors.naming());
    return model;
  }

  /** The weights with which training goes on. */
  private static float[] trained(Checkpoint checkpoint) throws IOException {
    FloatRegion parameters = FloatRegion.allocate(checkpoint.parameters());
    assertThat(checkpoint.readTrained(parameters)).isTrue();
    return parameters.toArray();
  }
}
