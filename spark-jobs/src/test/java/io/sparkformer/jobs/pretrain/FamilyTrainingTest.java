package io.sparkformer.jobs.pretrain;

import static io.sparkformer.jobs.pretrain.Pretraining.RESUME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.ModelChoice;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.jobs.model.GoldenModelFolder;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Families other than the paper's, new ones and those of a Hugging Face folder, through the program. */
class FamilyTrainingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] MARIAN = {"model.architecture=marian", "model.marian.d_model=32", "model.marian.encoder_layers=1",
      "model.marian.decoder_layers=1", "model.marian.encoder_attention_heads=2", "model.marian.decoder_attention_heads=2",
      "model.marian.encoder_ffn_dim=64", "model.marian.decoder_ffn_dim=64"};
  private static final String[] T5 = {"model.architecture=t5", "model.preset=t5-v1_1-small", "model.t5.d_model=32", "model.t5.d_kv=16",
      "model.t5.num_heads=2", "model.t5.num_layers=1", "model.t5.d_ff=64"};
  private static final String GOLDEN_DATA = "golden-data";

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private static Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    ReversedPairs.write(SPARK.session(), hadoop(folder.resolve("data")), 300);
    GoldenModelFolder.write("marian", folder.resolve("golden"));
    ReversedPairs.write(SPARK.session(), hadoop(folder.resolve(GOLDEN_DATA)), 60, 10, 100,
        Files.readString(folder.resolve("golden/tokenizer.json")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"marian", "t5"})
  void anEncoderDecoderOfAnotherFamilyLearnsFromPairsIsResumedAndTranslates(String family) throws IOException {
    String[] settings = with(family.equals("t5") ? T5 : MARIAN, "train.validation.interval-steps=30", "train.max-steps=120",
        "train.learning-rate.peak=0.01", "train.learning-rate.schedule=constant", "train.learning-rate.warmup-steps=5");
    ProgramRun run = train(family, "data", settings);
    assertThat(run.errors()).isEmpty();
    List<Double> losses = losses(family);
    assertThat(losses.get(losses.size() - 1)).isLessThan(losses.get(0) - 0.08);
    JsonNode config = json(checkpoint(family, 120).resolve("config.json"));
    assertThat(config.path("model_type").asText()).isEqualTo(family);
    assertThat(config.path("decoder_start_token_id").asInt(-1)).isZero();
    assertThat(json(checkpoint(family, 120).resolve("generation_config.json")).path("eos_token_id").asInt()).isEqualTo(2);

    assertThat(train(family, "data", with(settings, RESUME, "train.max-steps=125")).output()).contains("resuming at step 120");
    ModelLocation location = ModelLocation.find(new Configuration(), new ModelChoice(hadoop(folder.resolve(family)), 1,
        Settings.defaults().compute()));
    assertThat(location.generation().control()).isEqualTo(new ControlTokens(0, 2, Set.of(0, 1, 3, 4)));
    SharedModel shared = SharedModel.of(location);
    try (Session session = new Session(shared.borrow(), location.generation().control())) {
      BeamSearch search = new BeamSearch(session, DecodingOptions.greedy(2, 3), location.generation().control());
      int[] translation = search.translate(List.of(shared.tokenizer().encode("w7 w8 w9"))).get(0).get(0).tokens();
      assertThat(shared.tokenizer().decode(translation)).matches("(w\\d+ ?)*");
    }
  }

  @Test
  void trainingGoesOnFromTheWeightsOfAFolderAndWritesOneOfItsFamily() throws IOException {
    // Of steps so small that nothing moves, what is written is what was read.
    ProgramRun run = train("from", GOLDEN_DATA, "train.from=" + folder.resolve("golden"), "train.max-steps=2",
        "train.learning-rate.peak=1e-12", "train.learning-rate.schedule=constant");
    assertThat(run.errors()).isEmpty();
    assertThat(run.output()).contains("begun from " + folder.resolve("golden"));
    Path written = checkpoint("from", 2);
    float[] before = parameters(folder.resolve("golden"));
    float[] after = parameters(written);
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isCloseTo(before[i], within(1e-9f));
    }
    ObjectNode config = (ObjectNode) json(written.resolve("config.json"));
    config.remove("seed");
    assertThat(config).isEqualTo(json(folder.resolve("golden/config.json")));
    assertThat(written.resolve("generation_config.json")).hasSameBinaryContentAs(folder.resolve("golden/generation_config.json"));
    assertThat(written.resolve("tokenizer.json")).hasSameBinaryContentAs(folder.resolve("golden/tokenizer.json"));

    // The folder was only the beginning.
    ProgramRun resumed = train("from", GOLDEN_DATA, RESUME, "train.from=" + folder.resolve("gone"), "train.max-steps=3");
    assertThat(resumed.errors()).isEmpty();
    assertThat(resumed.output()).contains("resuming at step 2");
    // What was written here is a folder to begin with again.
    assertThat(train("again", GOLDEN_DATA, "train.from=" + folder.resolve("from"), "train.max-steps=1").errors()).isEmpty();
  }

  @Test
  void whatCannotBeTrainedIsSaidBeforeAnyWork() throws IOException {
    assertMistake("train.objective = translation needs an encoder and a decoder with a vocabulary to predict; model.architecture is a "
        + "network of a decoder alone: choose another of the two", "data", "model.architecture=gpt2", "model.gpt2.n_layer=1",
        "train.objective=translation");
    assertMistake("train.objective = auto, which is next-token for a network of a decoder alone, learns from rows, but train.data holds "
        + "pairs; prepare rows (prepare.train.text), or choose a network that learns from pairs", "data", "model.architecture=gpt2",
        "model.gpt2.n_layer=1");
    assertMistake("train.from: train.data was prepared with another tokenizer than that of " + folder.resolve("golden"), "data",
        "train.from=" + folder.resolve("golden"));
    assertMistake("prepare.tokenizer.path = file:" + folder.resolve("golden/tokenizer.json"), "data",
        "train.from=" + folder.resolve("golden"));
    Path pickle = Files.createDirectories(folder.resolve("pickle"));
    Files.copy(folder.resolve("golden/config.json"), pickle.resolve("config.json"));
    Files.copy(folder.resolve("golden/tokenizer.json"), pickle.resolve("tokenizer.json"));
    Files.write(pickle.resolve("pytorch_model.bin"), new byte[10]);
    assertMistake("holds pytorch_model.bin, a Python pickle, which is not read; convert it with", GOLDEN_DATA, "train.from=" + pickle);
    Path other = Files.createDirectories(folder.resolve("other"));
    ObjectNode config = (ObjectNode) json(folder.resolve("golden/config.json"));
    Files.writeString(other.resolve("config.json"), config.put("decoder_layers", 3).toString());
    Files.copy(folder.resolve("golden/model.safetensors"), other.resolve("model.safetensors"));
    assertMistake("does not hold the network of its config.json: missing: model.decoder.layers.2", GOLDEN_DATA, "train.from=" + other);
    Files.writeString(other.resolve("config.json"), config.put("decoder_layers", 2).toString());
    assertMistake("has no tokenizer.json, with which train.data would have to be prepared", GOLDEN_DATA, "train.from=" + other);
    assertMistake("train.from: No model at ", GOLDEN_DATA, "train.from=" + folder.resolve("nowhere"));
    GoldenModelFolder.write("bert-mlm", folder.resolve("bert"));
    ReversedPairs.write(SPARK.session(), hadoop(folder.resolve("bert-data")), 60, 10, 103,
        Files.readString(folder.resolve("bert/tokenizer.json")));
    assertMistake("/bert is a network of an encoder alone: choose another of the two", "bert-data",
        "train.from=" + folder.resolve("bert"), "train.objective=translation");
    assertMistake("train.objective = auto, which is masked-token for a network of an encoder alone,", "bert-data",
        "train.from=" + folder.resolve("bert"));
  }

  @Test
  void dropoutAndLabelSmoothingThatAreSetWinOverThoseOfTheFolder() throws IOException {
    ObjectNode golden = (ObjectNode) json(folder.resolve("golden/config.json"));
    String[] given = {"train.from=" + folder.resolve("golden"), "train.max-steps=1", "model.marian.dropout=0.25",
        "model.label-smoothing=0.1", "model.attention-dropout=0"};
    ProgramRun run = train("changed", GOLDEN_DATA, with(given, "model.d-model=8"));
    assertThat(run.status()).isZero();
    ObjectNode written = (ObjectNode) json(checkpoint("changed", 1).resolve("config.json"));
    written.remove("seed");
    golden.put("dropout", 0.25).put("label_smoothing", 0.1).put("attention_dropout", 0.0);
    assertThat(written).isEqualTo(golden);

    assertMistake("Invalid model.marian.decoder_layers: 1 (it would be another network than that of the model folder, over which only "
        + "dropout and label smoothing can be set", GOLDEN_DATA, with(given, "model.marian.decoder_layers=1"));
    assertMistake("Invalid model.label-smoothing: 1.5 (", GOLDEN_DATA, with(given, "model.label-smoothing=1.5"));
    ProgramRun resumed = train("changed", GOLDEN_DATA, RESUME, "train.from=" + folder.resolve("golden"), "train.max-steps=2");
    assertThat(resumed.errors()).isEmpty();
    ProgramRun other = train("changed", GOLDEN_DATA, with(given, RESUME, "train.max-steps=3", "model.marian.dropout=0.5"));
    assertThat(other.errors()).contains("Cannot resume: model.* is ");
  }

  @Test
  void theLineageNamesTheWeightsThatARunBeganWithAlsoOnceItWasResumed() throws IOException {
    String[] given = {"train.from=" + folder.resolve("golden"), "train.max-steps=1"};
    assertThat(train("lineage", GOLDEN_DATA, given).errors()).isEmpty();
    JsonNode first = json(checkpoint("lineage", 1).resolve(Lineage.FILE));
    assertThat(first.path("inputs").path("weights").asText()).isEqualTo(sha256(folder.resolve("golden/model.safetensors")));
    // The same weights in another place, and a run that goes on.
    Path copy = folder.resolve("copy");
    GoldenModelFolder.write("marian", copy);
    given[0] = "train.from=" + copy;
    assertThat(train("of-copy", GOLDEN_DATA, given).errors()).isEmpty();
    assertThat(json(checkpoint("of-copy", 1).resolve(Lineage.FILE))).isEqualTo(first);
    given[1] = "train.max-steps=2";
    assertThat(train("of-copy", GOLDEN_DATA, with(given, RESUME)).errors()).isEmpty();
    JsonNode resumed = json(checkpoint("of-copy", 2).resolve(Lineage.FILE));
    assertThat(resumed.path("inputs").path("weights")).isEqualTo(first.path("inputs").path("weights"));
    assertThat(train("drawn", "data", with(MARIAN, "train.max-steps=1")).errors()).isEmpty();
    assertThat(json(checkpoint("drawn", 1).resolve(Lineage.FILE)).path("inputs").has("weights")).isFalse();
  }

  private static String sha256(Path file) throws IOException {
    return Sha256.ofFile(new Configuration(), hadoop(file));
  }

  private static void assertMistake(String message, String data, String... assignments) {
    ProgramRun run = train("mistake", data, assignments);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.errors()).contains(message);
  }

  private static ProgramRun train(String name, String data, String... assignments) {
    List<String> settings = new ArrayList<>(List.of("precision=float32", "train.workers=2", "train.batch-tokens=256",
        "train.shuffle-window=64", "train.max-epochs=100", "train.validation.interval-steps=0", "train.validation.bleu-sentences=4"));
    settings.addAll(List.of(assignments));
    return ProgramRun.of(List.of("--data", folder.resolve(data).toString(), "--output", folder.resolve(name).toString()), settings,
        (run, record) -> new Pretraining(run, record).train());
  }

  private static List<Double> losses(String name) throws IOException {
    List<Double> losses = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve(name).resolve("metrics"))) {
      for (Path file : files.filter(each -> !each.getFileName().toString().startsWith(".")).sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode record = JSON.readTree(line);
          if (record.path("kind").asText().equals("validation")) {
            losses.add(record.path("nll").asDouble());
          }
        }
      }
    }
    return losses;
  }

  private static float[] parameters(Path model) throws IOException {
    HubFolder read = HubFolder.open(new Configuration(), hadoop(model));
    TransformerModel network = TransformerModel.create(read.config().network(), new Nd4jKernels());
    read.readInto(network);
    return network.parameters().toFloatVector();
  }

  private static Path checkpoint(String name, int step) {
    return folder.resolve(name).resolve("checkpoints/step-%08d".formatted(step));
  }

  private static JsonNode json(Path file) throws IOException {
    return JSON.readTree(file.toFile());
  }

  private static String[] with(String[] settings, String... more) {
    return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
