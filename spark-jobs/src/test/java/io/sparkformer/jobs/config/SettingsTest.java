package io.sparkformer.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.corpus.DocumentRule;
import io.sparkformer.data.corpus.LineRule;
import io.sparkformer.data.corpus.MinHash;
import io.sparkformer.data.tokenizer.SubwordAlgorithm;
import io.sparkformer.jobs.config.LearningRateSettings.Schedule;
import io.sparkformer.jobs.config.PrepareSettings.CorpusText;
import io.sparkformer.jobs.config.PrepareSettings.TokenizerSettings;
import io.sparkformer.jobs.config.PrepareSettings.ValidationText;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.kernel.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  private static final String TRAIN_PATHS = "train { data = d, output = o }\n";

  @Test
  void defaultsAreThePapersBaseModel() {
    TransformerSettings model = (TransformerSettings) Settings.defaults().model();
    assertThat(model.dModel()).isEqualTo(512);
    assertThat(model.heads()).isEqualTo(8);
    assertThat(model.norm()).isEqualTo(NormPosition.POST);
    assertThat(model.layerNormEpsilon()).isEqualTo(1e-5);
    TrainSettings train = parse(TRAIN_PATHS).train();
    assertThat(train.workers()).isEqualTo(TrainSettings.WORKERS_AUTO);
    assertThat(train.maxTime()).isEqualTo(TrainSettings.NO_TIME_LIMIT);
    assertThat(train.reportInterval()).isEqualTo(Duration.ofSeconds(10));
    assertThat(train.learningRate()).isEqualTo(new LearningRateSettings(Schedule.NOAM, 1, 0.0007, 0, 4000, 0));
    assertThat(Settings.defaults().differences()).isEmpty();
  }

  @Test
  void fileOverridesBaseAndAssignmentOverridesFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("run.conf"), TRAIN_PATHS + "train.batch-tokens = 100\ntrain.accumulate = 2\n");
    Settings settings = load(file, "train.accumulate=3", "train.max-time=90m", "train.output=hdfs://host:9/x", "train.workers=4");
    TrainSettings train = settings.train();
    assertThat(train.batchTokens()).isEqualTo(100);
    assertThat(train.accumulate()).isEqualTo(3);
    assertThat(train.maxTime()).isEqualTo(Duration.ofMinutes(90));
    assertThat(train.output().toString()).isEqualTo("hdfs://host:9/x");
    assertThat(train.workers()).isEqualTo(4);
    assertThat(settings.differences()).containsExactly("train.data = d", "train.output = hdfs://host:9/x", "train.workers = 4",
        "train.batch-tokens = 100", "train.accumulate = 3", "train.max-time = 90m");
  }

  @Test
  void fileMayIncludeItsNeighbourAndBeOnAnyFileSystem(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("first.conf"), "seed = 7\n");
    Path file = Files.writeString(folder.resolve("second.conf"), "include \"first.conf\"\nmodel.heads = 4\n");
    assertThat(load(file).differences()).containsExactly("seed = 7", "model.heads = 4");
    Path plain = folder.resolve("first.conf");
    assertThat(Settings.load(Optional.of(plain.toUri().toString()), List.of(), new Configuration()).differences())
        .containsExactly("seed = 7");
  }

  @Test
  void unknownKeyNamesKeyFileLineAndNearestKey(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("x.conf"), "seed = 1\ntrain {\n  acumulate = 2\n}\n");
    assertThatThrownBy(() -> load(file)).isInstanceOf(InvalidSettingException.class).hasMessage(
        "Unknown setting train.acumulate (" + file
        + ":3); did you mean train.accumulate? (every setting stands in conf/base.conf)");
    assertThatThrownBy(() -> set("d-model=64")).hasMessageContaining("Unknown setting d-model (--set d-model=64)")
        .hasMessageContaining("did you mean model.d-model?");
    assertThatThrownBy(() -> set("train.beta1=0.8")).hasMessageContaining("did you mean train.optimizer.beta1?");
    assertThatThrownBy(() -> set("model.dModel=64")).hasMessageContaining("did you mean model.d-model?");
    assertThatThrownBy(() -> set("model.n_heads=64")).hasMessageContaining("did you mean model.heads?");
    assertThatThrownBy(() -> parse("\"train.data\" = x")).hasMessageContaining("Unknown setting \"train.data\"");
    assertThatThrownBy(() -> parse("train.data.x = 1")).hasMessageContaining("Unknown setting train.data.x");
  }

  @Test
  void groupCannotHaveAValue() {
    assertThatThrownBy(() -> parse("\ntrain.optimizer = adam")).hasMessage(
        "train.optimizer is a group of settings, and cannot have a value (test.conf:2); write train.optimizer { ... }");
    assertThatThrownBy(() -> set("train.optimizer=adam")).hasMessageContaining("Unknown setting train.optimizer ");
  }

  @Test
  void wrongTypeNamesKeyValuePlaceTypeAndFix() {
    assertThatThrownBy(() -> parse("\n\nmodel.heads = many")).isInstanceOf(InvalidSettingException.class).hasMessage(
        "model.heads must be a whole number, found many (test.conf:3); give digits only, for example 4096");
    assertThatThrownBy(() -> parse("model.heads = 2.5")).hasMessageContaining("model.heads must be a whole number, found 2.5");
    assertThatThrownBy(() -> parse("model.heads = [8]")).hasMessageContaining("model.heads must be a whole number, found [8]");
    assertThatThrownBy(() -> set("model.dropout=ten%")).hasMessage(
        "model.dropout must be a number, found ten% (--set model.dropout=ten%); give a number, for example 0.1");
    assertThatThrownBy(() -> parse("prepare.overwrite = perhaps")).hasMessageContaining("must be true or false, found perhaps");
    assertThatThrownBy(() -> parse("train.max-time = 10")).hasMessageContaining("must be a duration with a unit, found 10");
    assertThatThrownBy(() -> parse("train.report-interval = 5 parsecs")).hasMessageContaining("found 5 parsecs");
    assertThatThrownBy(() -> parse("model.heads = null")).hasMessageContaining("model.heads cannot be null (test.conf:1)");
    assertThatThrownBy(() -> set("model.heads=99999999999").model()).hasMessageContaining("Invalid model.heads: 99999999999");
    assertThat(parse("train.max-steps = 1e5\n" + TRAIN_PATHS).train().maxSteps()).isEqualTo(100_000);
  }

  @Test
  void rulesAndLanguagesOfTextAreNamed() {
    String paths = "prepare { train.text = a, output = b }\n";
    DocumentSettings usual = ((CorpusText.Documents) parse(paths).prepare().train()).cleaning();
    assertThat(usual).isEqualTo(new DocumentSettings(Set.of(DocumentRule.DUPLICATE), Set.of(), MinHash.USUAL, List.of(), null));
    DocumentSettings chosen = ((CorpusText.Documents) parse(paths + "prepare.text { rules = \"c4,near-duplicate\", languages = \"en, deu\","
        + " near-duplicate { bands = 3, rows = 4, words = 2 } }").prepare().train()).cleaning();
    assertThat(chosen.rules()).containsExactlyInAnyOrder(DocumentRule.C4_SENTENCES, DocumentRule.C4_LOREM_IPSUM, DocumentRule.C4_BRACES,
        DocumentRule.NEAR_DUPLICATE);
    assertThat(chosen.lineRules()).containsExactly(LineRule.values());
    assertThat(chosen.nearness()).isEqualTo(new MinHash(3, 4, 2));
    assertThat(chosen.languages()).containsExactly("en", "deu");
    assertThatThrownBy(() -> parse(paths + "prepare.text.rules = \"c4-line-word\"").prepare())
        .hasMessageStartingWith("Invalid prepare.text.rules: c4-line-word (must be gopher, c4 or names of rules: ")
        .hasMessageContaining("c4-line-words");
    assertThatThrownBy(() -> parse(paths + "prepare.text.languages = \"en, klingon\"").prepare())
        .hasMessageContaining("prepare.text.languages: klingon is no language that can be recognized; choose of afr ");
    assertThatThrownBy(() -> parse(paths + "prepare.text.near-duplicate.bands = 0").prepare())
        .hasMessageContaining("Invalid prepare.text.near-duplicate.bands: 0 (must be > 0");
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "train.ema.decay = 1").train())
        .hasMessageContaining("Invalid train.ema.decay: 1.0 (must be >= 0 and < 1");
  }

  @Test
  void valueOutOfRangeNamesItsPlace() {
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "train.accumulate = 0").train())
        .isInstanceOf(InvalidSettingException.class).hasMessage("Invalid train.accumulate: 0 (must be > 0; test.conf:2)");
    assertThatThrownBy(() -> parse("model.heads = 7").model()).hasMessage(
        "Invalid model.heads: 7 (must divide d-model, 512; try 8; test.conf:1)");
    assertThatThrownBy(() -> set("model.dropout=1").model())
        .hasMessage("Invalid model.dropout: 1.0 (must be >= 0 and < 1; --set model.dropout=1)");
    assertThatThrownBy(() -> set("model.norm=before").model()).hasMessageContaining("Invalid model.norm: before (must be post or pre");
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "train.workers = 0").train())
        .hasMessageContaining("Invalid train.workers: 0 (must be auto or a whole number > 0");
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "train.learning-rate.schedule = sine").train())
        .hasMessageContaining("must be noam or inverse-square-root or linear or cosine or constant");
    assertThat(parse(TRAIN_PATHS + "precision = int8").train().compute().precision()).isEqualTo(Precision.INT8);
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "precision = int4").train())
        .hasMessage("Invalid precision: int4 (must be auto or float32 or tf32 or bfloat16 or int8; test.conf:2)");
    assertThat(parse(TRAIN_PATHS + "parameter-server.wire-precision = bfloat16").train().parameterServer().wirePrecision())
        .isEqualTo(WirePrecision.BFLOAT16);
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "parameter-server.wire-precision = half").train())
        .hasMessage("Invalid parameter-server.wire-precision: half (must be float32 or bfloat16; test.conf:2)");
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "train.local-steps = 8, parameter-server.wire-precision = bfloat16").train()).hasMessage(
        "Invalid parameter-server.wire-precision: bfloat16 (must be float32 where train.local-steps is above 1; test.conf:2)");
    assertThatThrownBy(() -> set("train.data=:", "train.output=x").train()).hasMessageContaining("must be a path");
  }

  @Test
  void localStepsMustDivideTheStepsAtWhichTheStateIsLookedAt() {
    assertThat(parse(TRAIN_PATHS).train().localSteps()).isEqualTo(1);
    assertThat(parse(TRAIN_PATHS + "train.local-steps = 8").train().localSteps()).isEqualTo(8);
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "train.local-steps = 0").train())
        .hasMessage("Invalid train.local-steps: 0 (must be > 0; test.conf:2)");
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "train.local-steps = 8\ntrain.max-steps = 100").train()).hasMessage(
        "train.max-steps must be a multiple of train.local-steps: 100, local-steps=8 (test.conf:3); try 96 or 104");
    assertThatThrownBy(() -> parse(TRAIN_PATHS + "train.local-steps = 8\ntrain.checkpoint.interval-steps = 5").train()).hasMessage(
        "train.checkpoint.interval-steps must be a multiple of train.local-steps: 5, local-steps=8 (test.conf:3); try 8");
    assertThatThrownBy(() -> set("train.data=d", "train.output=o", "train.local-steps=8", "train.validation.interval-steps=12").train())
        .hasMessage("train.validation.interval-steps must be a multiple of train.local-steps: 12, local-steps=8"
            + " (--set train.validation.interval-steps=12); try 8 or 16");
    assertThat(parse(TRAIN_PATHS + "train.local-steps = 8\ntrain.validation.interval-steps = 0").train().localSteps()).isEqualTo(8);
  }

  @Test
  void neededKeyThatIsNotSetIsAskedFor() {
    assertThatThrownBy(() -> Settings.defaults().train()).hasMessage(
        "train.data is not set; set it in the configuration file, or with --set train.data=...");
    assertThatThrownBy(() -> Settings.defaults().prepare())
        .hasMessageContaining("no training text is set; set prepare.train.text, prepare.train.tsv");
    assertThatThrownBy(() -> Settings.defaults().translate()).hasMessageContaining("translate.model is not set");
    assertThatThrownBy(() -> Settings.defaults().evaluate()).hasMessageContaining("nothing to evaluate is set");
  }

  @Test
  void prepareReadsEitherFormOfText() {
    PrepareSettings tsv = set("prepare.train.tsv=a.tsv", "prepare.output=o").prepare();
    assertThat(tsv.train()).isEqualTo(new CorpusText.TabSeparated(new org.apache.hadoop.fs.Path("a.tsv"), 1, 2));
    assertThat(tsv.validation()).isEqualTo(new ValidationText.HeldOut(0.01, 2000));
    assertThat(tsv.tokenizer()).isEqualTo(new TokenizerSettings.Trained(SubwordAlgorithm.BPE, 16000, 2, 4_000_000, 0));
    Settings files = set("prepare.train.source=a", "prepare.train.target=b", "prepare.output=o", "prepare.validation.tsv=v",
        "prepare.tokenizer.path=t");
    assertThat(files.prepare().train()).isInstanceOf(CorpusText.AlignedFiles.class);
    assertThat(files.prepare().validation()).isInstanceOf(ValidationText.Given.class);
    assertThat(files.prepare().tokenizer()).isInstanceOf(TokenizerSettings.Existing.class);
    assertThatThrownBy(() -> set("prepare.train.source=a", "prepare.output=o").prepare()).hasMessage(
        "prepare.train.source is set without prepare.train.target (--set prepare.train.source=a); set prepare.train.target too");
    assertThatThrownBy(() -> files.with(List.of(Assignment.parse("prepare.train.tsv=x"))).prepare())
        .hasMessageContaining("both prepare.train.tsv and prepare.train.source or .target are set");
    assertThatThrownBy(() -> set("prepare.train.tsv=a", "prepare.output=o", "prepare.tokenizer.vocabulary=10").prepare())
        .hasMessageContaining("Invalid prepare.tokenizer.vocabulary: 10 (must be >= 261");
    assertThatThrownBy(() -> set("prepare.train.tsv=a", "prepare.output=o", "prepare.tokenizer.max-unique-words=0").prepare())
        .hasMessageContaining("Invalid prepare.tokenizer.max-unique-words: 0 (must be > 0");
  }

  @Test
  void evaluateNeedsWholePairsOfKeys() {
    EvaluateSettings both = set("evaluate.hypotheses=h", "evaluate.references=r", "evaluate.model=m", "evaluate.data=d").evaluate();
    assertThat(both.scoring()).isPresent();
    assertThat(both.loss()).isPresent();
    assertThatThrownBy(() -> set("evaluate.model=m").evaluate()).hasMessageContaining("evaluate.model is set without evaluate.data");
  }

  @Test
  void translateChecksBestAgainstBeam() {
    assertThatThrownBy(() -> set("translate.model=m", "translate.input=i", "translate.output=o", "translate.n-best=5",
        "translate.beam=4").translate())
        .hasMessage("Invalid translate.n-best: 5 (must be at most translate.beam, 4; --set translate.n-best=5)");
  }

  @Test
  void namesWithColonsAreFilesWhereTheyExist(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("2026-11-28T01:00.en"));
    assertThat(set("translate.model=m", "translate.input=" + file).translate().sentences().input().getName())
        .isEqualTo("2026-11-28T01:00.en");
    assertThatThrownBy(() -> set("translate.model=m", "translate.input=01:00.en").translate())
        .hasMessageStartingWith("Invalid translate.input: '01:00.en' (must be a path, ").hasMessageContaining("and exist");
    assertThatThrownBy(() -> set("translate.model=m", "translate.output=" + folder + "/01:00.de").translate())
        .hasMessageStartingWith("Invalid translate.output: ").hasMessageContaining("its name must have no colon");
    assertThat(set("translate.model=m").translate().sentences().input()).hasToString("-");
    assertThat(set("translate.model=m", "translate.input=/dev/stdin").translate().sentences().input()).hasToString("file:/dev/stdin");
  }

  @Test
  void namesThatTheLocaleCannotSpellAreExplained() {
    String spelled = System.setProperty("sun.jnu.encoding", "US-ASCII");
    try {
      assertThatThrownBy(() -> set("translate.model=m", "translate.input=/a/Übung.en").translate()).hasMessageStartingWith(
          "Invalid translate.input: '/a/Übung.en' (the locale's encoding, US-ASCII, lacks characters of this name; set LC_ALL=C.UTF-8");
      assertThat(set("translate.model=m", "translate.input=hdfs://h/Übung.en").translate().sentences().input())
          .hasToString("hdfs://h/Übung.en");
    } finally {
      System.setProperty("sun.jnu.encoding", spelled);
    }
    assertThatThrownBy(() -> set("translate.model=m", "translate.input=/a/\uFFFDbung.en").translate())
        .hasMessageContaining("lacks characters of this name");
  }

  @Test
  void renderedSettingsReadBackEqual() {
    Settings settings = set("train.output=s3a://bucket/a b", "train.max-time=8m", "model.dropout=0.3", "translate.column=other");
    Settings again = Settings.parse(settings.render(), "checkpoint");
    assertThat(again.differences()).isEqualTo(settings.differences());
    assertThat(again.render()).isEqualTo(settings.render());
  }

  @Test
  void brokenOrMissingFileIsOneLine(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("broken.conf"), "seed = 1\ntrain.output = hdfs://x\n");
    assertThatThrownBy(() -> load(file)).isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining(file + ":2: ").hasMessageContaining("quote values").hasMessageNotContaining("\n");
    assertThatThrownBy(() -> load(folder.resolve("none.conf"))).hasMessageContaining("none.conf cannot be read")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> load(folder)).hasMessageContaining("is a folder, not a configuration file");
    assertThatThrownBy(() -> parse("train.output = ${NO_SUCH_VARIABLE_HERE}")).hasMessageContaining("NO_SUCH_VARIABLE_HERE")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> Assignment.parse("train.output")).hasMessageContaining("write --set key=value");
  }

  @Test
  void typesFollowTheDefaults() {
    assertThat(Stream.of("train.max-time", "seed", "prepare.tokenizer.path")).allMatch(KnownKeys.BASE::contains);
    assertThat(KnownKeys.BASE.typeOf("train.max-time")).isEqualTo(ValueType.DURATION);
    assertThat(KnownKeys.BASE.typeOf("train.workers")).isEqualTo(ValueType.TEXT);
    assertThat(KnownKeys.BASE.typeOf("evaluate.tokenize")).isEqualTo(ValueType.TEXT);
    assertThat(KnownKeys.BASE.typeOf("model.dropout")).isEqualTo(ValueType.DECIMAL);
  }

  private static Settings parse(String hocon) {
    return Settings.parse(hocon, "test.conf");
  }

  private static Settings set(String... assignments) {
    return Settings.defaults().with(Stream.of(assignments).map(Assignment::parse).toList());
  }

  private static Settings load(Path file, String... assignments) {
    return Settings.load(Optional.of(file.toString()), Stream.of(assignments).map(Assignment::parse).toList(), new Configuration());
  }
}
