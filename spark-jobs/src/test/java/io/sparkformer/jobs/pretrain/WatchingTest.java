package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.prepare.Preparation;
import io.sparkformer.jobs.tensorboard.TensorFlowEvents;
import io.sparkformer.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What training leaves for people to watch, of runs on prepared text with a tokenizer. */
class WatchingTest {
  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  private static final String[] WATCHED = {"train.workers=2", "train.max-steps=12", "train.checkpoint.interval-steps=5",
      "train.validation.interval-steps=4", "train.validation.bleu-sentences=6", "train.validation.samples=2"};

  @TempDir
  private static Path folder;
  private static org.apache.hadoop.fs.Path data;

  @BeforeAll
  static void prepare() throws IOException {
    Random random = new Random(1);
    List<String> pairs = IntStream.range(0, 300).mapToObj(i -> {
      String[] words = random.ints(3 + random.nextInt(5), 0, 20).mapToObj(word -> "w" + (char) ('a' + word)).toArray(String[]::new);
      return String.join(" ", words) + " |\t" + String.join(" & ", words);
    }).toList();
    Path text = folder.resolve("pairs.tsv");
    Files.write(text, pairs);
    data = path("data");
    Settings settings = Settings.load(Optional.empty(), Stream.of("prepare.train.tsv=" + text, "prepare.output=" + data,
        "prepare.tokenizer.vocabulary=300", "prepare.held-out.fraction=0.1").map(Assignment::parse).toList(), new Configuration());
    new Preparation(SPARK.session(), settings.prepare()).prepare();
  }

  @Test
  void curvesOfAKilledAndResumedRunHaveEveryStepOnce() throws IOException {
    assertThat(TrainingRun.begin(data, path("killed"), WATCHED).await(100)).isZero();
    // As if the run had been killed after step 12, of which no checkpoint was made.
    FileUtil.fullyDelete(folder.resolve("killed/checkpoints/step-00000012").toFile());
    TrainingRun resumed = TrainingRun.begin(data, path("killed"), with("train.max-steps=15", Pretraining.RESUME));
    assertThat(resumed.await(100)).isZero();
    assertThat(resumed.output()).contains("resuming at step 10");

    Map<String, List<TensorFlowEvents.Value>> curves = TensorFlowEvents.read(folder.resolve("killed/tensorboard"));
    for (String tag : List.of("training/loss", "training/learning_rate", "training/gradient_norm",
        "training/target_tokens_per_second", "training/resident_gigabytes", "time/compute", "time/wait")) {
      assertThat(curves.get(tag)).as(tag).extracting(TensorFlowEvents.Value::step)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 15).boxed().toList());
    }
    for (String tag : List.of("validation/loss", "validation/nll", "validation/bleu", "validation/samples/text_summary")) {
      assertThat(curves.get(tag)).as(tag).extracting(TensorFlowEvents.Value::step).containsExactly(4L, 8L, 12L, 15L);
    }
    assertThat(curves.get("validation/samples/text_summary").get(0).text().lines()).hasSize(4).first().asString().contains("reference");
    assertThat(curves.get("training/resident_gigabytes")).extracting(TensorFlowEvents.Value::number).allMatch(size -> size > 0.05);
    assertThat(curves.keySet()).noneMatch(tag -> tag.startsWith("weights"));
  }

  @Test
  void histogramsCountEveryParameterAndChangeNothing() throws IOException {
    assertThat(TrainingRun.begin(data, path("plain"), WATCHED).await(100)).isZero();
    assertThat(TrainingRun.begin(data, path("histograms"), with("train.tensorboard.histograms=true")).await(100)).isZero();
    float[] parameters = TrainingRun.parameters(new Configuration(), path("histograms"));
    assertThat(parameters).isEqualTo(TrainingRun.parameters(new Configuration(), path("plain")));
    Map<String, List<TensorFlowEvents.Value>> curves = TensorFlowEvents.read(folder.resolve("histograms/tensorboard"));
    for (String group : List.of("weights/", "gradients/")) {
      List<List<TensorFlowEvents.Value>> tensors = curves.entrySet().stream().filter(curve -> curve.getKey().startsWith(group))
          .map(Map.Entry::getValue).toList();
      assertThat(tensors).allSatisfy(tensor -> assertThat(tensor).extracting(TensorFlowEvents.Value::step).containsExactly(4L, 8L, 12L));
      assertThat(tensors.stream().mapToDouble(tensor -> tensor.get(2).number()).sum()).isEqualTo(parameters.length);
    }
    assertThat(new CheckpointStore(new Configuration(), path("plain")).steps()).first().isEqualTo(12L);
  }

  private static String[] with(String... more) {
    return Stream.concat(Stream.of(WATCHED), Stream.of(more)).toArray(String[]::new);
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }
}
