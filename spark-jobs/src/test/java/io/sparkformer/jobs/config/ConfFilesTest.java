package io.sparkformer.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.data.tokenizer.SubwordAlgorithm;
import io.sparkformer.jobs.config.LearningRateSettings.Schedule;
import io.sparkformer.jobs.config.PrepareSettings.CorpusText.TabSeparated;
import io.sparkformer.jobs.config.PrepareSettings.TokenizerSettings.Characters;
import io.sparkformer.jobs.config.PrepareSettings.TokenizerSettings.Trained;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.block.MicroBatchSize;
import io.sparkformer.model.block.ProductMemory;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.graph.ModelMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/** Every file that the project ships in conf/ is good, and says what its model is known by. */
class ConfFilesTest {
  private static final Path FOLDER = Path.of("../conf");

  @Test
  void everyConfFileLoadsAndGivesEveryRecord() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<Path> runs = files.filter(file -> file.toString().endsWith(".conf") && !file.endsWith("spark-defaults.conf")).toList();
      assertThat(runs).hasSizeGreaterThanOrEqualTo(9);
      for (Path run : runs) {
        Settings settings = load(run.getFileName().toString(), "prepare.output=a", "train.data=a", "train.output=b",
            "translate.model=b", "translate.input=c", "translate.output=d", "evaluate.model=b", "evaluate.data=a",
            "evaluate.hypotheses=h", "evaluate.references=r");
        Settings withText = run.endsWith("quickstart.conf") ? settings
            : settings.with(List.of(Assignment.parse("prepare.train.tsv=t")));
        assertThat(withText.prepare().output().path()).hasToString("a");
        assertThat(settings.model().lengthKey()).isNotEmpty();
        assertThat(settings.train().batchTokens()).isPositive();
        assertThat(settings.translate().batchTokens()).isPositive();
        assertThat(settings.evaluate().loss()).isPresent();
      }
    }
  }

  @Test
  void baseIsTheDefaults() {
    assertThat(load("base.conf").differences()).isEmpty();
  }

  @Test
  void quickstartNeedsNothingBesidesItsFile() {
    Settings settings = load("quickstart.conf");
    Path text = Path.of("..").resolve(((TabSeparated) settings.prepare().train()).file().toString());
    assertThat(text).isRegularFile();
    assertThat(settings.train().data()).isEqualTo(settings.prepare().output().path());
    assertThat(settings.translate().model().path()).isEqualTo(settings.train().output());
    assertThat(settings.translate().sentences().input())
        .isEqualTo(new org.apache.hadoop.fs.Path(settings.prepare().output().path(), "held-out/source.txt"));
    assertThat(settings.evaluate().scoring()).isPresent();
    assertThat(settings.evaluate().loss()).isPresent();
    assertThat(settings.train().maxTime()).isLessThan(java.time.Duration.ofMinutes(12));
  }

  @Test
  void multi30kIsTheTinyModel() {
    Settings settings = load("multi30k-en-de.conf", "prepare.train.source=a", "prepare.train.target=b");
    TransformerSettings model = (TransformerSettings) settings.model();
    assertThat(List.of(model.encoderLayers(), model.decoderLayers(), model.dModel(), model.ffn(), model.heads()))
        .containsExactly(4, 4, 128, 256, 4);
    assertThat(model.dropout()).isEqualTo(0.2);
    assertThat(model.tiedEmbeddings()).isEqualTo(TiedEmbeddings.ALL);
    assertThat(settings.train().maxSteps()).isEqualTo(8000);
    assertThat(settings.train().batchTokens()).isEqualTo(2048);
    assertThat(settings.train().learningRate().schedule()).isEqualTo(Schedule.LINEAR);
    assertThat(settings.prepare().tokenizer()).isInstanceOf(Trained.class);
  }

  @Test
  void shakespeareIsTheSmallSettingOfNanoGpt() {
    Settings settings = load("shakespeare-char.conf", "prepare.train.text=a");
    NetworkConfig network = settings.model().config(70, new SpecialTokens(0, 2, 2), 1).network();
    assertThat(List.of(network.decoder().layers().size(), network.decoder().layers().get(0).selfAttention().heads(), network.width(),
        network.maxLength(), settings.prepare().rowTokens())).containsExactly(4, 4, 128, 64, 64);
    assertThat(network).isEqualTo(network.withoutDropout());
    assertThat(settings.train().batchTokens()).isEqualTo(12 * 64);
    assertThat(settings.train().maxSteps()).isEqualTo(2000);
    assertThat(settings.train().learningRate()).isEqualTo(new LearningRateSettings(Schedule.COSINE, 1, 0.001, 0.0001, 100, 0));
    assertThat(settings.prepare().tokenizer()).isInstanceOf(Characters.class);
  }

  @Test
  void baseAndBigAreThePapers() {
    TransformerSettings base = (TransformerSettings) load("transformer-base.conf").model();
    TransformerSettings big = (TransformerSettings) load("transformer-big.conf").model();
    assertThat(List.of(base.encoderLayers(), base.dModel(), base.ffn(), base.heads())).containsExactly(6, 512, 2048, 8);
    assertThat(List.of(big.encoderLayers(), big.dModel(), big.ffn(), big.heads())).containsExactly(6, 1024, 4096, 16);
    assertThat(big.dropout()).isEqualTo(0.3);
    assertThat(load("transformer-big.conf").differences()).contains("train.max-steps = 300000", "train.batch-tokens = 25000");
  }

  @Test
  void languageModelsAreThoseOfTheirPapers() {
    assertLanguageModel("gpt2-124m.conf", 124.4, 12, 768, 1024, 524_288, 50_257);
    assertLanguageModel("bert-base.conf", 109.5, 12, 768, 512, 131_072, 30_522);
    assertLanguageModel("t5-small.conf", 60.5, 6, 512, 512, 65_536, 32_100);
    assertLanguageModel("llama-1b.conf", 1_100.0, 22, 2048, 2048, 2_097_152, 32_000);
    assertThat(load("t5-small.conf", "prepare.train.text=a", "prepare.output=b").prepare().tokenizer())
        .isEqualTo(new Trained(SubwordAlgorithm.UNIGRAM, 32_000, 2, 4_000_000, 100));
  }

  private static void assertLanguageModel(String file, double millions, int layers, int width, int row, int batch, int vocabulary) {
    Settings settings = load(file, "prepare.train.text=a", "prepare.output=b", "train.data=b", "train.output=c");
    NetworkConfig network = settings.model().config(vocabulary, new SpecialTokens(0, 2, 2), 1).network();
    List<?> stack = (network.decoder() != null ? network.decoder() : network.encoder()).layers();
    assertThat(List.of(stack.size(), network.width(), settings.prepare().rowTokens(), settings.train().batchTokens())).as(file)
        .containsExactly(layers, width, row, batch);
    assertThat(network.maxLength()).isGreaterThanOrEqualTo(row);
    assertThat(ModelMemory.of(network, new MicroBatchSize(1, 1, 1, 1), ProductMemory.FLOAT32, 1).parameters() / 4e6)
        .as(file).isCloseTo(millions, within(millions / 200));
  }

  @Test
  void everyKeyOfBaseStandsUnderAComment() throws IOException {
    List<String> lines = Files.readAllLines(FOLDER.resolve("base.conf"));
    List<String> bare = new ArrayList<>();
    String above = "";
    for (String line : lines) {
      String text = line.strip();
      boolean key = text.contains(" = ") && !text.startsWith("#");
      // A comment may speak of the keys that follow it without a gap.
      if (key && above.isEmpty()) {
        bare.add(text);
      }
      above = text.endsWith("{") ? above : text;
    }
    assertThat(bare).isEmpty();
  }

  private static Settings load(String name, String... assignments) {
    return Settings.load(Optional.of(FOLDER.resolve(name).toString()), Stream.of(assignments).map(Assignment::parse).toList(),
        new Configuration());
  }
}
