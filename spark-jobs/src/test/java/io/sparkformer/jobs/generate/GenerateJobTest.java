package io.sparkformer.jobs.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.GenerateSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.model.GoldenModelFolder;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.model.hub.GenerationConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With folders of Hugging Face's classes, whose {@code generate} is the measure. */
class GenerateJobTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  /** The positions of the golden GPT-2. */
  private static final int POSITIONS = 48;

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private Path folder;

  private final StringWriter printed = new StringWriter();

  private Path model(String name) throws IOException {
    Path model = folder.resolve(name);
    if (!Files.exists(model)) {
      GoldenModelFolder.write(name, model);
    }
    return model;
  }

  private GenerateSettings settings(Path model, String... assignments) {
    Stream<String> usual = Stream.of("generate.model=" + model, "generate.input=" + folder.resolve("input"),
        "generate.output=" + folder.resolve("output"), "generate.overwrite=true", "precision=float32");
    return Settings.defaults().with(Stream.concat(usual, Stream.of(assignments)).map(Assignment::parse).toList()).generate();
  }

  private String generate(Path model, String... assignments) throws IOException {
    return new GenerateJob(SPARK.session(), settings(model, assignments)).generate(new PrintWriter(printed, true));
  }

  private List<String> lines(Path model, String... assignments) throws IOException {
    generate(model, assignments);
    return Files.readAllLines(folder.resolve("output"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "mistral", "falcon-7b-style", "t5-original", "t5-v1.1"})
  void searchesAreThoseOfHuggingFace(String name) throws IOException {
    Path model = folder.resolve(name);
    JsonNode generate = GoldenModelFolder.write(name, model).path("generate");
    JsonNode config = JSON.readTree(model.resolve("config.json").toFile());
    boolean answers = config.path("is_encoder_decoder").asBoolean();
    List<String> prompts = new ArrayList<>();
    generate.path("results").forEach(result -> prompts.add(words(result.path(answers ? "source" : "prompt"), config, 0)));
    Files.write(folder.resolve("input"), prompts);
    int beams = generate.path("num_beams").asInt();
    String most = "generate.max-new-tokens=" + generate.path("max_new_tokens");
    List<String> greedy = lines(model, most);
    // As a published model says it.
    ObjectNode generation = (ObjectNode) JSON.readTree(model.resolve("generation_config.json").toFile());
    generation.set("num_beams", generate.path("num_beams"));
    generation.set("length_penalty", generate.path("length_penalty"));
    generation.set("max_new_tokens", generate.path("max_new_tokens"));
    Files.writeString(model.resolve("generation_config.json"), generation.toString());
    List<String> found = lines(model, "generate.samples=" + beams);
    int line = 0;
    for (int i = 0; i < prompts.size(); i++) {
      JsonNode result = generate.path("results").get(i);
      int known = answers ? 1 : result.path("prompt").size();
      assertThat(greedy.get(i).strip()).isEqualTo(words(result.path("greedy").path("ids"), config, known));
      int rank = 0;
      for (JsonNode wanted : result.path("beam_search").path("hypotheses_best_first")) {
        assertThat(found.get(line++).split("\t", -1)).satisfies(fields -> assertThat(fields[2].strip())
            .isEqualTo(words(wanted.path("ids"), config, known))).startsWith(String.valueOf(i + 1), String.valueOf(++rank));
      }
    }
    assertThat(found).hasSize(line);
    assertThat(greedy).hasSize(prompts.size());
  }

  /** The text of tokens but the first few. */
  private static String words(JsonNode ids, JsonNode config, int from) {
    return GoldenModelFolder.text(JSON.valueToTree(IntStream.range(from, ids.size()).map(i -> ids.get(i).asInt()).toArray()), config);
  }

  private static List<String> prompts(int count) {
    Random random = new Random(2);
    return IntStream.range(0, count).mapToObj(i -> random.ints(i * 7 % 60, 1, 100).mapToObj(id -> "w" + id)
        .collect(Collectors.joining(" "))).toList();
  }

  @Test
  void theSameTextForAnyBatchSizeAndNumberOfExecutors() throws IOException {
    Path model = model("gpt2");
    Files.write(folder.resolve("input"), prompts(30));
    String[] drawn = {"generate.temperature=1.5", "generate.top-p=0.9", "generate.repetition-penalty=1.1", "generate.samples=2",
        "generate.max-new-tokens=20", "generate.batch-size=16"};
    List<String> wanted = lines(model, drawn);
    assertThat(wanted).hasSize(60);
    assertThat(wanted.stream().map(line -> line.substring(0, line.lastIndexOf('\t')))).containsExactlyElementsOf(IntStream.range(0, 60)
        .mapToObj(i -> (i / 2 + 1) + "\t" + (i % 2 + 1)).toList());
    assertThat(wanted.stream().map(line -> line.substring(line.lastIndexOf('\t'))).distinct().count()).isGreaterThan(55);
    for (int batch : new int[] {1, 3, 64}) {
      drawn[5] = "generate.batch-size=" + batch;
      assertThat(lines(model, drawn)).as("batches of %d", batch).isEqualTo(wanted);
    }
    for (int slots : new int[] {1, 7}) {
      SPARK.restart(slots);
      assertThat(lines(model, drawn)).as("%d task slots", slots).isEqualTo(wanted);
    }
    SPARK.restart(2);
    assertThat(lines(model, Stream.concat(Stream.of(drawn), Stream.of("seed=2")).toArray(String[]::new))).isNotEqualTo(wanted);
  }

  @Test
  void emptyLongAndUnknownPromptsAreDefined() throws IOException {
    Path model = model("gpt2");
    ObjectNode tokenizer = (ObjectNode) JSON.readTree(model.resolve("tokenizer.json").toFile());
    // The golden tokenizer has no token for unknown text.
    ObjectNode vocabulary = (ObjectNode) tokenizer.path("model").path("vocab");
    vocabulary.set("<unk>", vocabulary.remove("w99"));
    ((ObjectNode) tokenizer.path("model")).put("unk_token", "<unk>");
    Files.writeString(model.resolve("tokenizer.json"), tokenizer.toString());
    List<String> words = IntStream.range(0, 100).mapToObj(i -> "w" + (1 + i * 7 % 90)).toList();
    String last = String.join(" ", words.subList(words.size() - (POSITIONS - 1 - 5), words.size()));
    Files.write(folder.resolve("input"), List.of("", String.join(" ", words), last, "w5 \u00fcber", "w5 <unk>", "w5", "</s>"));
    String summary = generate(model, "generate.max-new-tokens=5", "generate.min-new-tokens=2");
    List<String> lines = Files.readAllLines(folder.resolve("output"));
    assertThat(summary).startsWith("continued 7 prompts (1 of them empty) in ").contains(
        "; 1 prompts were longer than the model accepts: only their ends are read; 2 prompts hold characters that the tokenizer does not "
            + "know");
    assertThat(lines.get(0)).as("an empty prompt begins with the begin token").isEqualTo(lines.get(6)).isNotBlank();
    assertThat(lines.get(1)).as("as many of the last tokens as leave room").isEqualTo(lines.get(2));
    assertThat(lines.get(3)).isEqualTo(lines.get(4)).isNotEqualTo(lines.get(5));
    // A text may grow far beyond what the network accepts, which goes on from its own last tokens.
    Files.write(folder.resolve("input"), List.of("w5"));
    assertThat(lines(model, "generate.min-new-tokens=150", "generate.max-new-tokens=150").get(0).strip().split(" ")).hasSize(150);
  }

  @Test
  void anEncoderReadsTheBeginningOfALongPrompt() throws IOException {
    Path model = model("t5-original");
    int longest = JSON.readTree(model.resolve("config.json").toFile()).path("n_positions").asInt(512) - 1;
    List<String> words = IntStream.range(0, longest + 9).mapToObj(i -> "w" + (5 + i * 7 % 80)).toList();
    Files.write(folder.resolve("input"), List.of(String.join(" ", words), String.join(" ", words.subList(0, longest)), ""));
    String summary = generate(model, "generate.max-new-tokens=6");
    List<String> lines = Files.readAllLines(folder.resolve("output"));
    assertThat(summary).contains("1 of them empty")
        .endsWith("1 prompts were longer than the model accepts: only their beginnings are read");
    assertThat(lines.get(0)).isEqualTo(lines.get(1));
    assertThat(lines).hasSize(3);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() throws IOException {
    Files.write(folder.resolve("input"), new byte[] {'w', '5', '\n', (byte) 0xff, '\n'});
    assertThatThrownBy(() -> generate(model("gpt2"))).isInstanceOf(InvalidInputException.class).hasMessageContaining("line 2")
        .hasMessageContaining("UTF-8");
  }

  @Test
  void aTextEndsBeforeTheFirstStopText() throws IOException {
    Path model = model("gpt2");
    Files.write(folder.resolve("input"), List.of("w82 w87 w16", "w87 w43 w5 w54 w62 w88"));
    List<String> whole = lines(model, "generate.max-new-tokens=12");
    assertThat(whole).containsExactly(" w44 w17 w14 w14 w14 w1 w14 w88 w44 w44 w44 w14",
        " w88 w88 w44 w88 w88 w44 w44 w44 w88 w44 w88 w12");
    GenerateSettings stopped = Settings.defaults().with(List.of(Assignment.parse("generate.model=" + model))).generate();
    assertThat(stopped.stop()).isEmpty();
    assertThat(lines(model, "generate.max-new-tokens=12", "generate.stop=4 w4")).containsExactly(" w44 w17 w14 w14 w14 w1 w14 w88 w4",
        " w88 w88 w44 w88 w88 w4");
    // Of a table of several texts, in a file of settings.
    Path file = Files.writeString(folder.resolve("stop.conf"), "generate { stop = [\"w99\", \" w1 \", \"w12\"], max-new-tokens = 12 }");
    int status = GenerateJob.run(new String[] {"-c", file.toString(), "--model", model.toString(), "--input",
        folder.resolve("input").toString(), "--output", folder.resolve("output").toString(), "--overwrite", "-s", "precision=float32"});
    assertThat(status).isZero();
    assertThat(Files.readAllLines(folder.resolve("output"))).containsExactly(" w44 w17 w14 w14 w14",
        " w88 w88 w44 w88 w88 w44 w44 w44 w88 w44 w88 ");
    assertThat(lines(model, "generate.max-new-tokens=12", "generate.stop=w14", "generate.beam=4").get(0)).doesNotContain("w14");
  }

  @Test
  void tablesGetAColumnAndKeepTheirRows() throws IOException {
    Path model = model("gpt2");
    Files.write(folder.resolve("rows.json"), List.of("{\"id\": 1, \"text\": \"w82 w87 w16\"}", "{\"id\": 2, \"text\": null}",
        "{\"id\": 3, \"text\": \"w87 w43 w5 w54 w62 w88\"}"));
    String[] table = {"generate.format=json", "generate.input=" + folder.resolve("rows.json"), "generate.max-new-tokens=3"};
    generate(model, table);
    assertThat(rows("json")).extracting(row -> row.getAs("continuation")).containsExactly(" w44 w17 w14", null, " w88 w88 w44");
    for (String format : List.of("json", "parquet", "orc")) {
      Path input = folder.resolve("in-" + format);
      SPARK.session().read().json(folder.resolve("rows.json").toString()).coalesce(1).write().format(format).save(input.toString());
      generate(model, "generate.format=" + format, "generate.input=" + input, "generate.max-new-tokens=3", "generate.beam=2",
          "generate.samples=2");
      List<Row> rows = rows(format);
      assertThat(rows).as(format).extracting(row -> row.<Long>getAs("id")).containsExactly(1L, 2L, 3L);
      assertThat(rows.get(1).isNullAt(rows.get(1).fieldIndex("continuation"))).isTrue();
      assertThat(rows.get(0).<String>getList(rows.get(0).fieldIndex("continuation"))).hasSize(2).doesNotHaveDuplicates();
    }
    assertThatThrownBy(() -> generate(model, "generate.format=csv", "generate.temperature=1", "generate.samples=2"))
        .isInstanceOf(InvalidInputException.class).hasMessageStartingWith("csv cannot hold lists of texts: samples=2");
  }

  private List<Row> rows(String format) {
    return SPARK.session().read().format(format).load(folder.resolve("output").toString()).orderBy("id").collectAsList();
  }

  @Test
  void aPersonIsAnsweredLineByLine() throws IOException {
    Path model = model("gpt2");
    Files.write(folder.resolve("input"), List.of("w82 w87 w16", "w5"));
    for (String stop : List.of("none", "w14 w14 w14 w1")) {
      String[] options = {"generate.max-new-tokens=40", "generate.temperature=0.4", "generate.stop=" + stop};
      List<String> wanted = lines(model, options);
      StringWriter terminal = new StringWriter();
      new GenerateJob(SPARK.session(), settings(model, options)).talk(new BufferedReader(new StringReader("w82 w87 w16\nw5\n")),
          new PrintWriter(terminal));
      assertThat(terminal.toString().lines().toList()).containsExactly("> " + wanted.get(0), "> " + wanted.get(1), "> ");
    }
    StringWriter terminal = new StringWriter();
    new GenerateJob(SPARK.session(), settings(model, "generate.max-new-tokens=3", "generate.beam=2", "generate.samples=2"))
        .talk(new BufferedReader(new StringReader("w5\n")), new PrintWriter(terminal));
    assertThat(terminal.toString().lines().filter(line -> !line.isBlank())).hasSize(3);
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() throws IOException {
    Path model = model("gpt2");
    Files.write(folder.resolve("input"), List.of("w5"));
    assertThatThrownBy(() -> generate(model, "generate.samples=2")).isInstanceOf(InvalidInputException.class)
        .hasMessage("Invalid generate.samples: 2 (must be 1: greedy search finds one text; set generate.temperature to draw texts, or "
            + "generate.beam)");
    assertThatThrownBy(() -> generate(model, "generate.samples=3", "generate.beam=2"))
        .hasMessageStartingWith("Invalid generate.samples: 3 (must be at most the beam, 2; ");
    assertThatThrownBy(() -> generate(model, "generate.beam=2", "generate.top-k=3"))
        .hasMessageContaining("generate.beam").hasMessageContaining("beam search draws no tokens");
    assertThatThrownBy(() -> generate(model, "generate.min-new-tokens=9", "generate.max-new-tokens=8"))
        .hasMessage("Invalid generate.min-new-tokens: 9 (must be at most generate.max-new-tokens, 8)");
    assertThatThrownBy(() -> generate(model, "generate.top-p=0")).hasMessageContaining("generate.top-p").hasMessageContaining("> 0");
    assertThatThrownBy(() -> generate(model("bert-mlm"))).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("generates no text").hasMessageContaining("an encoder alone");
  }

  @Test
  void whatTheModelSaysIsTheDefault() throws IOException {
    Path model = model("gpt2");
    ObjectNode generation = (ObjectNode) JSON.readTree(model.resolve("generation_config.json").toFile());
    Files.write(folder.resolve("input"), List.of("w5", "w6 w7"));
    String[] asSet = {"generate.temperature=0.9", "generate.top-k=20", "generate.top-p=0.8", "generate.min-p=0.01",
        "generate.repetition-penalty=1.3", "generate.no-repeat-ngram=3", "generate.max-new-tokens=9", "generate.min-new-tokens=4"};
    List<String> wanted = lines(model, asSet);
    generation.put("do_sample", true).put("temperature", 0.9).put("top_k", 20).put("top_p", 0.8).put("min_p", 0.01)
        .put("repetition_penalty", 1.3).put("max_new_tokens", 9).put("min_new_tokens", 4).put("no_repeat_ngram_size", 3)
        .put("encoder_no_repeat_ngram_size", 2);
    Files.writeString(model.resolve("generation_config.json"), generation.toString());
    assertThat(lines(model)).isEqualTo(wanted);
    String choice = String.join("\n", GenerationChoice.of(settings(model, "generate.top-k=7"), generationOf(model)).lines());
    assertThat(choice).isEqualTo("search: sampling, temperature 0.9 (generation_config.json), top-k 7, top-p 0.8 (generation_config.json), "
        + "min-p 0.01 (generation_config.json), seed 1; repetition penalty 1.3 (generation_config.json), no 3-gram twice "
        + "(generation_config.json), 4 (generation_config.json) to 9 (generation_config.json) new tokens\n"
        + "not supported, and left out, of generation_config.json: encoder_no_repeat_ngram_size = 2");
    assertThat(GenerationChoice.of(settings(model, "generate.beam=1"), generationOf(model)).lines().get(0)).startsWith("search: greedy;");
    assertThat(GenerationChoice.of(settings(model, "generate.temperature=0"), generationOf(model)).lines().get(0))
        .startsWith("search: greedy;");
  }

  private static GenerationConfig generationOf(Path model) throws IOException {
    GenerateSettings settings = Settings.defaults().with(List.of(Assignment.parse("generate.model=" + model))).generate();
    return ModelLocation.find(new Configuration(), settings.model()).generation();
  }

  @Test
  void linesAreEscaped() {
    assertThat(ContinuationLines.of(4, List.of("a\nb\\n\tc\r\u001b\u00e9"), 1)).containsExactly("a\\nb\\\\n\\tc\\r\\u001b\u00e9");
    assertThat(ContinuationLines.of(4, Arrays.asList("a", "b\n"), 2)).containsExactly("5\t1\ta", "5\t2\tb\\n");
  }
}
