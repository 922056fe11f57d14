package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.card.ModelCard;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.history.Curve;
import io.sparkformer.jobs.history.RunHistory;
import io.sparkformer.jobs.history.RunState;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.jobs.page.ReportPage;
import io.sparkformer.jobs.prepare.Preparation;
import io.sparkformer.jobs.runs.RunsJob;
import io.sparkformer.jobs.tensorboard.TensorFlowEvents;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

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
    Files.write(folder.resolve("pairs.tsv"), pairs);
    data = prepare("data", "prepare.tokenizer.vocabulary=300");
  }

  private static org.apache.hadoop.fs.Path prepare(String name, String tokenizer) throws IOException {
    Settings settings = Settings.load(Optional.empty(), Stream.of("prepare.train.tsv=" + folder.resolve("pairs.tsv"),
        "prepare.output=" + path(name), "prepare.held-out.fraction=0.1", tokenizer).map(Assignment::parse).toList(), new Configuration());
    new Preparation(SPARK.session(), settings.prepare()).prepare();
    return path(name);
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

    RunHistory history = RunHistory.read(new Configuration(), path("killed")).orElseThrow();
    assertThat(history.curve("training loss").points()).extracting(Curve.Point::step)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 15).boxed().toList());
    assertThat(history.state(System.currentTimeMillis())).isEqualTo(RunState.FINISHED);
    assertReport("killed", "finished (stopped: 15 steps reached", "went on from step 10", "Translations at step 4",
        "Translations at step 15", "train.max-steps = 15", lineage("killed").hash(), lineage("killed").previous().get(0),
        "worker 1: this process", "kept", "core hours at 8 W");

    Map<String, Object> card = card("killed");
    assertThat(card).containsEntry("pipeline_tag", "translation").doesNotContainKey("license");
    assertThat(((List<?>) card.get("model-index")).toString()).contains("type=bleu", "type=perplexity");
    assertThat(lineage("killed").hash()).matches("[0-9a-f]{64}");
  }

  /** The front matter of the newest checkpoint's model card, as a YAML parser reads it. */
  private static Map<String, Object> card(String name) throws IOException {
    String text = new CheckpointStore(new Configuration(), path(name)).latest(warning -> { }).orElseThrow().document(ModelCard.FILE)
        .orElseThrow();
    assertThat(text).startsWith("---\n");
    return new Yaml(new SafeConstructor(new LoaderOptions())).load(text.substring(4, text.indexOf("\n---\n", 4)));
  }

  /** The page is well-formed, needs nothing from elsewhere, and holds the words. */
  private static void assertReport(String name, String... words) throws IOException {
    Path file = folder.resolve(name).resolve(ReportPage.FILE);
    assertThat(file).content().doesNotContain("src=", "href=", "url(", "@import", "<script");
    try (InputStream in = Files.newInputStream(file)) {
      Document page = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in);
      assertThat(page.getElementsByTagName("polyline").getLength()).isGreaterThanOrEqualTo(13);
      assertThat(page.getElementsByTagName("svg").getLength()).isGreaterThanOrEqualTo(11);
      assertThat(page.getDocumentElement().getTextContent()).contains(words);
      // Curves of every step go to the right only: no step twice.
      for (int i = 0; i < page.getElementsByTagName("polyline").getLength(); i++) {
        String points = ((Element) page.getElementsByTagName("polyline").item(i)).getAttribute("points");
        List<Double> places = Stream.of(points.trim().split(" ")).map(point -> Double.valueOf(point.split(",")[0])).toList();
        assertThat(places).isSorted().doesNotHaveDuplicates();
      }
    } catch (ParserConfigurationException | SAXException e) {
      throw new AssertionError(file + " is not well-formed", e);
    }
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

  @Test
  void equalInputsHaveEqualLineagesAndEveryOtherInputAnother() throws IOException {
    Lineage first = lineage("lineage-first", data);
    // Another place, a stop between: the same inputs.
    org.apache.hadoop.fs.Path copy = copy("data-copy");
    assertThat(TrainingRun.begin(copy, path("lineage-second"), WATCHED).await(100)).isZero();
    FileUtil.fullyDelete(folder.resolve("lineage-second/checkpoints/step-00000012").toFile());
    assertThat(TrainingRun.begin(copy, path("lineage-second"), with(Pretraining.RESUME)).await(100)).isZero();
    assertThat(lineage("lineage-second")).isEqualTo(first);
    assertThat(first.inputs()).containsKeys("train/shard-00000.parquet", "validation/shard-00000.parquet", "tokenizer", "settings", "code",
        "spark", "onednn");

    Lineage otherSetting = lineage("lineage-setting", data, "train.optimizer.epsilon=1.1e-9");
    assertThat(differences(first, otherSetting)).containsExactly("settings");

    org.apache.hadoop.fs.Path otherTokenizer = copy("data-tokenizer");
    Path file = folder.resolve("data-tokenizer/tokenizer.json");
    Files.writeString(file, Files.readString(file) + " ");
    // Hadoop's own checksum of the file, which would find the change.
    Files.delete(folder.resolve("data-tokenizer/.tokenizer.json.crc"));
    assertThat(differences(first, lineage("lineage-tokenizer", otherTokenizer))).containsExactly("tokenizer");

    Path text = folder.resolve("pairs.tsv");
    Files.writeString(text, Files.readString(text).replaceFirst("wa", "wb"));
    org.apache.hadoop.fs.Path otherText = prepare("data-text", "prepare.tokenizer.path=" + folder.resolve("data/tokenizer.json"));
    assertThat(differences(first, lineage("lineage-text", otherText))).hasSize(1).first().asString().endsWith(".parquet");
  }

  @Test
  void aRunThatGoesOnWithAnotherSettingNamesTheLineageItHadBefore() throws IOException {
    Lineage before = lineage("lineage-changed", data);
    assertThat(TrainingRun.begin(data, path("lineage-changed"), with("train.max-steps=13", Pretraining.RESUME)).await(100)).isZero();
    Lineage after = lineage("lineage-changed");
    assertThat(after.previous()).containsExactly(before.hash());
    assertThat(differences(before, after)).containsExactly("settings");
    StringWriter printed = new StringWriter();
    assertThat(lineage("lineage-other", data, "train.optimizer.beta2=0.97")).isNotEqualTo(after);
    assertThat(RunsJob.program().setOut(new PrintWriter(printed)).execute(folder + "/lineage-changed", folder + "/lineage-other")).isZero();
    assertThat(printed.toString()).contains("  train.max-steps: 13 | 12\n", "  train.optimizer.beta2: 0.98 | 0.97\n", "  settings: ");
  }

  @Test
  void everyCheckpointHasAModelCard() throws IOException {
    assertThat(TrainingRun.begin(data, path("card"), with("card.license=apache-2.0", "train.notify.command=: secret")).await(100)).isZero();
    Checkpoint best = new CheckpointStore(new Configuration(), path("card")).best(warning -> { }).orElseThrow();
    assertThat(best.document(ModelCard.FILE).orElseThrow()).startsWith("---\nlicense: \"apache-2.0\"\n")
        .contains("# card\n", "On the validation data, after step " + best.step(), "BLEU, first 6 sentences");
    assertThat(best.runConfiguration()).contains("notify").doesNotContain("secret");
    assertThat(folder.resolve("card").resolve(ReportPage.FILE)).content().doesNotContain("secret");
  }

  private static Lineage lineage(String name, org.apache.hadoop.fs.Path from, String... more) throws IOException {
    assertThat(TrainingRun.begin(from, path(name), with(more)).await(100)).isZero();
    return lineage(name);
  }

  private static Lineage lineage(String name) throws IOException {
    Checkpoint newest = new CheckpointStore(new Configuration(), path(name)).latest(warning -> { }).orElseThrow();
    return Lineage.fromJson(new ObjectMapper().readTree(newest.document(Lineage.FILE).orElseThrow()));
  }

  private static List<String> differences(Lineage one, Lineage other) {
    assertThat(one.inputs().keySet()).isEqualTo(other.inputs().keySet());
    assertThat(one.hash()).isNotEqualTo(other.hash());
    return one.inputs().keySet().stream().filter(name -> !one.inputs().get(name).equals(other.inputs().get(name))).toList();
  }

  private static org.apache.hadoop.fs.Path copy(String name) throws IOException {
    FileUtil.copy(folder.resolve("data").toFile(), FileSystem.getLocal(new Configuration()).getRawFileSystem(), path(name), false,
        new Configuration());
    return path(name);
  }

  private static String[] with(String... more) {
    return Stream.concat(Stream.of(WATCHED), Stream.of(more)).toArray(String[]::new);
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }
}
