package io.sparkformer.jobs.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.config.TranslateSettings;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.SearchRules;
import io.sparkformer.model.hub.GenerationConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TranslateJobTest {

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private Path folder;

  private final StringWriter printed = new StringWriter();

  private String translate(String... assignments) throws IOException {
    return translate(new ReversingModel(40, "job"), assignments);
  }

  private String translate(ReversingModel model, String... assignments) throws IOException {
    List<Assignment> all = new ArrayList<>(List.of(Assignment.parse("translate.model=unused"),
        Assignment.parse("translate.input=" + folder.resolve("input")),
        Assignment.parse("translate.output=" + folder.resolve("output"))));
    Stream.of(assignments).map(Assignment::parse).forEach(all::add);
    TranslateSettings settings = Settings.load(Optional.empty(), all, new Configuration()).translate();
    return job(settings, model).translate(new PrintWriter(printed, true));
  }

  private static TranslateJob job(TranslateSettings settings, ReversingModel model) {
    GenerationConfig silent = new GenerationConfig("test", ControlTokens.STANDARD, SearchRules.GNMT, null, null, List.of());
    return new TranslateJob(SPARK.session(), settings, model, SearchChoice.of(settings, silent).options(), 6);
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(i -> i % 7 == 3 ? "" : "line " + i).toList();
  }

  private static List<String> reversed(List<String> lines) {
    return lines.stream().map(line -> new StringBuilder(line).reverse().toString()).toList();
  }

  private static void assertBadInput(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(InvalidInputException.class).hasMessage(message);
  }

  @Test
  void everyLineGivesOneLineInTheSameOrder() throws IOException {
    List<String> lines = numbers(1000);
    Files.write(folder.resolve("input"), lines);
    String summary = translate();
    assertThat(Files.readAllLines(folder.resolve("output"))).isEqualTo(reversed(lines));
    assertThat(summary).startsWith("translated 1,000 sentences (143 of them blank) in ").doesNotContain("longer than the model");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("input", "output");
    }
  }

  @Test
  void rulesForNextTokensAreApplied() throws IOException {
    Files.write(folder.resolve("input"), List.of("abab", "ab"));
    translate("translate.no-repeat-ngram=1");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("ba", "ba");
    translate("translate.min-length=3", "translate.overwrite=true");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("baba", "bax");
    assertThatThrownBy(() -> translate("translate.min-length=11", "translate.overwrite=true"))
        .hasMessageContaining("translate.min-length").hasMessageContaining("must be at most translate.max-length-extra, 10");
    assertThatThrownBy(() -> translate("translate.length-normalization=log", "translate.overwrite=true"))
        .hasMessageContaining("translate.length-normalization").hasMessageContaining("wu or average");
  }

  @Test
  void whatStandsBehindATabIsDemanded() throws IOException {
    Files.write(folder.resolve("input"), List.of("abc\tcb", "abc", "", "abc\tc"));
    translate("translate.given=beginning");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("cba", "cba", "", "cba");
    Files.write(folder.resolve("input"), List.of("one two\teno", "abc"));
    translate("translate.given=phrases", "translate.overwrite=true");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("owt eno", "cba");
    Files.write(folder.resolve("input"), List.of("abc\tcba", "abc\tcb", "abc\tcba"));
    translate("translate.given=translation", "translate.overwrite=true", "translate.length-penalty=0", "translate.alignment=hard");
    double whole = 4 * Math.log(0.99 / 0.994);
    double part = 2 * Math.log(0.99 / 0.994) + Math.log(0.004 / 0.994);
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly(
        String.format(Locale.ROOT, "1\t%.6f\tcba\t2-0 1-1 0-2", whole), String.format(Locale.ROOT, "2\t%.6f\tcb\t2-0 1-1", part),
        String.format(Locale.ROOT, "3\t%.6f\tcba\t2-0 1-1 0-2", whole));
    Files.write(folder.resolve("input"), List.of("abc"));
    assertThatThrownBy(() -> translate("translate.given=translation", "translate.overwrite=true"))
        .hasStackTraceContaining("A sentence has no translation to score behind a tab: \"abc\"");
  }

  @Test
  void alignmentsStandBehindTranslations() throws IOException {
    Files.write(folder.resolve("input"), List.of("abc", "", "d"));
    translate("translate.alignment=hard");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("cba\t2-0 1-1 0-2", "", "d\t0-0");
    translate("translate.alignment=soft", "translate.n-best=2", "translate.overwrite=true");
    assertThat(Files.readAllLines(folder.resolve("output")).get(3)).startsWith("3\t").endsWith("\td\t1.0000,0.0000");
    // Nothing is lost where everything is attended to.
    translate("translate.coverage-penalty=0.4", "translate.overwrite=true");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("cba", "", "d");
    assertThatThrownBy(() -> translate("translate.alignment=hard", "translate.format=json"))
        .hasMessageContaining("alignments are written to text");
    assertThatThrownBy(() -> translate("translate.alignment-layer=7", "translate.overwrite=true"))
        .hasMessage("Invalid translate.alignment-layer: 7 (the model's decoder has layers 1 to 6)");
  }

  @Test
  void textThatTheVocabularyLacksIsCopied() throws IOException {
    Files.write(folder.resolve("input"), List.of("a\u20acb\u00fc", "abc", "\u20ac"));
    translate();
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("?b?a", "cba", "?");
    translate("translate.copy-unknown=true", "translate.overwrite=true");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("\u00fcb\u20aca", "cba", "\u20ac");
  }

  @Test
  void groupsOfABeamDivideIt() throws IOException {
    Files.write(folder.resolve("input"), List.of("abc"));
    translate("translate.groups=2", "translate.diversity=9", "translate.n-best=2");
    assertThat(Files.readAllLines(folder.resolve("output"))).hasSize(2);
    assertThatThrownBy(() -> translate("translate.groups=3", "translate.overwrite=true"))
        .hasMessage("Invalid translate.groups: 3 (must divide the beam, 4)");
    assertThatThrownBy(() -> translate("translate.groups=2", "translate.given=phrases", "translate.overwrite=true"))
        .hasMessageContaining("must be 1 where translate.given is set");
  }

  @Test
  void compressedTextIsReadAndWritten() throws IOException {
    List<String> lines = numbers(50);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve("in.gz")))) {
      out.write((String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
    translate("translate.input=" + folder.resolve("in.gz"), "translate.output=" + folder.resolve("new/out.gz"));
    try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve("new/out.gz")))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(String.join("\n", reversed(lines)) + "\n");
    }
  }

  @Test
  void zstandardIsReadAndWritten() throws IOException {
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(folder.resolve("in.zst")))) {
      out.write("ab\ncd\n".getBytes(StandardCharsets.UTF_8));
    }
    translate("translate.input=" + folder.resolve("in.zst"), "translate.output=" + folder.resolve("out.zst"));
    try (InputStream in = new ZstdInputStream(Files.newInputStream(folder.resolve("out.zst")))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("ba\ndc\n");
    }
  }

  @Test
  void tablesThatThisJobWroteAreOverwritten() throws IOException {
    for (String format : List.of("csv", "json", "parquet", "orc")) {
      Path table = folder.resolve("table-" + format);
      SPARK.session().sql("SELECT 'ab' AS text").write().option("header", "true").format(format).save(table.toString());
      translate("translate.format=" + format, "translate.input=" + table, "translate.output=" + folder.resolve(format));
      translate("translate.format=" + format, "translate.input=" + table, "translate.output=" + folder.resolve(format),
          "translate.overwrite=true");
      assertThat(SPARK.session().read().option("header", "true").format(format).load(folder.resolve(format).toString()).collectAsList())
          .containsExactly(RowFactory.create("ab", "ba"));
    }
  }

  @Test
  void theConfigurationIsNotOverwritten() throws IOException {
    Files.write(folder.resolve("input"), List.of("ab"));
    Path conf = Files.writeString(folder.resolve("run.conf"), "translate { model = m, input = \"" + folder + "/input\", overwrite = on }");
    TranslateSettings settings = Settings.load(Optional.of(conf.toString()), List.of(Assignment.parse("translate.output=" + conf)),
        new Configuration()).translate();
    assertBadInput(() -> job(settings, new ReversingModel(40, "job")).translate(new PrintWriter(printed)),
        "output " + conf + " is not overwritten: it is " + conf + ", which this job reads; name another output");
    assertThat(conf).content().startsWith("translate {");
  }

  @Test
  void emptyFileGivesAnEmptyFile() throws IOException {
    Files.createFile(folder.resolve("input"));
    translate();
    assertThat(folder.resolve("output")).isEmptyFile();
  }

  @Test
  void nBestGivesNumberedScoredLines() throws IOException {
    Files.write(folder.resolve("input"), List.of("ab", "", "c"));
    translate("translate.n-best=2", "translate.length-penalty=0");
    assertThat(Files.readAllLines(folder.resolve("output")))
        .containsExactly("1\t-0.030151\tba", "1\t-5.521461\t", "2\t0.000000\t", "3\t-0.020101\tc", "3\t-5.521461\t");
  }

  @Test
  void sentencesTooLongAreReported() throws IOException {
    Files.write(folder.resolve("input"), List.of("a".repeat(50), "b"));
    assertThat(translate()).endsWith("1 sentences were longer than the model accepts: only their beginnings are translated");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("a".repeat(39), "b");
  }

  @Test
  void existingOutputIsReplacedOnlyWhenAskedTo() throws IOException {
    Files.write(folder.resolve("input"), List.of("ab"));
    Files.write(folder.resolve("output"), List.of("old"));
    assertBadInput(this::translate,
        "output exists already: " + folder.resolve("output") + "; name another, or overwrite it with --overwrite");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("old");
    translate("translate.overwrite=true");
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly("ba");
  }

  @Test
  void aTableIsReplacedAndAFolderOfOtherFilesIsNot() throws IOException {
    writeTable(10);
    String[] table = {"translate.format=parquet", "translate.column=english", "translate.overwrite=true"};
    translate(table);
    translate(table);
    assertThat(SPARK.session().read().parquet(folder.resolve("output").toString()).count()).isEqualTo(10);
    Files.writeString(folder.resolve("output/thesis.txt"), "keep");
    assertBadInput(() -> translate(table), "output " + folder.resolve("output") + " is not overwritten: it holds thesis.txt, and "
        + "--overwrite replaces only a folder with nothing but a table's part files; name another output");
    assertBadInput(() -> translate("translate.overwrite=true"), "output " + folder.resolve("output") + " is not overwritten: it is a "
        + "folder, and --overwrite replaces only a file; name another output");
    assertThat(folder.resolve("output/thesis.txt")).hasContent("keep");
  }

  @Test
  void neitherTheInputNorTheModelIsEverReplaced() throws IOException {
    Path input = Files.write(folder.resolve("input"), List.of("ab"));
    Path checkpoint = Files.createDirectories(folder.resolve("model/checkpoints/step-00000001"));
    Path weights = Files.writeString(checkpoint.resolve("model"), "weights");
    Files.createSymbolicLink(folder.resolve("link"), folder);
    ReversingModel model = new ReversingModel(40, "job", List.of(new org.apache.hadoop.fs.Path(folder + "/model/checkpoints")));
    assertBadInput(() -> translate(model, "translate.overwrite=true", "translate.output=" + folder + "/link/input"), "output " + folder
        + "/link/input is not overwritten: it is " + input + ", which this job reads; name another output");
    assertBadInput(() -> translate(model, "translate.overwrite=true", "translate.output=" + weights), "output " + weights
        + " is not overwritten: it is part of " + folder + "/model/checkpoints, which this job reads; name another output");
    assertBadInput(() -> translate(model, "translate.overwrite=true", "translate.output=" + folder + "/model"), "output " + folder
        + "/model is not overwritten: it holds " + folder + "/model/checkpoints, which this job reads; name another output");
    assertThat(input).hasContent("ab");
    assertThat(weights).hasContent("weights");
  }

  @Test
  void anOutputThatCannotBeCreatedFailsBeforeTheInputIsRead() {
    assertBadInput(() -> translate("translate.output=/proc/nowhere/x"), "output /proc/nowhere/x cannot be created: /proc cannot be written "
        + "to; name another place, or let this user write there");
  }

  @Test
  void badInputIsReported() throws IOException {
    String input = folder.resolve("input").toString();
    assertBadInput(this::translate, "Missing file: " + input + " does not exist; check the path");
    assertBadInput(() -> translate("translate.input=" + folder), "Not a file: " + folder + " is a folder; name one text file");
    Files.write(folder.resolve("input"), new byte[] {'o', 'k', '\n', 'b', (byte) 0xe4, 'd', '\n'});
    assertBadInput(this::translate, input + ", line 2 is not UTF-8; convert the file to UTF-8 (iconv)");
    assertThat(folder.resolve("output")).doesNotExist();
  }

  @Test
  void tableGetsAColumnAndKeepsItsRowsInOrder() throws IOException {
    writeTable(200);
    translate("translate.format=parquet", "translate.column=english", "translate.output-column=german");
    Dataset<Row> output = SPARK.session().read().parquet(folder.resolve("output").toString());
    assertThat(output.columns()).containsExactly("id", "english", "german");
    List<Row> rows = output.orderBy("id").collectAsList();
    assertThat(rows).hasSize(200);
    assertThat(rows.get(5)).isEqualTo(RowFactory.create(5, "row 5", "5 wor"));
    assertThat(rows.get(3).isNullAt(2)).isTrue();
  }

  @Test
  void tableHoldsSeveralTranslationsAsAnArray() throws IOException {
    writeTable(10);
    translate("translate.format=parquet", "translate.column=english", "translate.n-best=2");
    List<Row> rows = SPARK.session().read().parquet(folder.resolve("output").toString()).orderBy("id")
        .selectExpr("translation[0].text", "translation[0].score > translation[1].score", "size(translation)").collectAsList();
    assertThat(rows.get(4)).isEqualTo(RowFactory.create("4 wor", true, 2));
    assertBadInput(() -> translate("translate.format=csv", "translate.output=" + folder.resolve("other"), "translate.n-best=2"),
        "csv cannot hold lists of translations: n-best=2; use --format parquet, json or orc, or n-best 1");
  }

  @Test
  void csvKeepsItsHeader() throws IOException {
    Files.write(folder.resolve("input"), List.of("id,text", "1,ab", "2,\"c,d\""));
    translate("translate.format=csv");
    List<Row> rows = SPARK.session().read().option("header", "true").csv(folder.resolve("output").toString()).orderBy("id").collectAsList();
    assertThat(rows).containsExactly(RowFactory.create("1", "ab", "ba"), RowFactory.create("2", "c,d", "d,c"));
  }

  @Test
  void wrongColumnsAreReported() {
    writeTable(10);
    assertThatThrownBy(() -> translate("translate.format=parquet")).isInstanceOf(InvalidInputException.class)
        .hasMessageMatching("no column text in \\S+/input/part-\\S+; it has id, english");
    assertThatThrownBy(() -> translate("translate.format=parquet", "translate.column=id")).isInstanceOf(InvalidInputException.class)
        .hasMessageMatching("column id of \\S+ holds no text: its type is optional int32 id");
    assertThatThrownBy(() -> translate("translate.format=parquet", "translate.column=english", "translate.output-column=id"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageMatching("column id exists already in \\S+; name another with --output-column");
  }

  @Test
  void textIsPrintedInOrderWhenNoOutputIsNamed() throws IOException {
    List<String> lines = numbers(3000);
    Files.write(folder.resolve("input"), lines);
    translate("translate.output=-");
    assertThat(printed.toString().lines().toList()).isEqualTo(reversed(lines));
  }

  @Test
  void standardInputAndOutputAreText() {
    assertThatThrownBy(() -> translate("translate.format=csv", "translate.input=-"))
        .hasMessageStartingWith("Invalid translate.input: - (must be a file or folder for format csv");
    assertThatThrownBy(() -> translate("translate.format=csv", "translate.output=-"))
        .hasMessageStartingWith("Invalid translate.output: - (must be a folder for format csv");
  }

  private void writeTable(int rows) {
    StructType schema = new StructType().add("id", DataTypes.IntegerType).add("english", DataTypes.StringType);
    List<Row> content = IntStream.range(0, rows).mapToObj(i -> RowFactory.create(i, i == 3 ? null : "row " + i)).toList();
    SPARK.session().createDataFrame(content, schema).write().parquet(folder.resolve("input").toString());
  }
}
