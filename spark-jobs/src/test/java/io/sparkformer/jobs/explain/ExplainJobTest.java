package io.sparkformer.jobs.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.model.GoldenModelFolder;
import io.sparkformer.jobs.model.TinyModelFolder;
import io.sparkformer.model.explain.AttentionMap;
import io.sparkformer.model.explain.Explainer;
import io.sparkformer.model.explain.Predictions;
import io.sparkformer.model.explain.Reading;
import io.sparkformer.model.explain.Saliency;
import io.sparkformer.model.hub.HubFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Pages about models of Hugging Face's classes and of our own, read again. */
class ExplainJobTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  /** Half of a step of the page's numbers. */
  private static final double ROUNDING = 0.51 / Short.MAX_VALUE;

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private Path folder;

  @Test
  void pageOfATranslatorHoldsTheWeightsOfTheGivenTarget() throws IOException {
    Path model = folder.resolve("model");
    GoldenModelFolder.write("marian", model);
    JsonNode config = config(model);
    input("w7 w9 w11 w7", "", "w20 w21");
    Files.write(folder.resolve("target"), List.of("w30 w31 w32", "", "w33"));
    Document page = page(model, "explain.target=" + folder.resolve("target"));
    assertThat(texts(page, "summary")).contains("Line 1: w7 w9 w11 w7", "Line 3: w20 w21").doesNotContain("Line 2: ");

    int end = config.path("eos_token_id").asInt();
    int begin = config.path("decoder_start_token_id").asInt();
    Explainer explainer = explainer(model);
    Reading reading = Reading.ofPair(new int[] {7, 9, 11, 7, end}, new int[] {begin, 30, 31, 32});
    JsonNode maps = data(page).get(0).path("maps");
    assertThat(names(maps)).containsExactly("Encoder self-attention", "Decoder self-attention", "Cross-attention", "Saliency");
    for (AttentionMap expected : explainer.attention(reading)) {
      assertClose(floats(maps.get(expected.kind().ordinal()), expected.layer()), expected.weights(), 1);
    }
    assertThat(strings(maps.get(2).path("columns"))).containsExactly("w7", "w9", "w11", "w7", "</s>");
    assertThat(strings(maps.get(2).path("rows"))).endsWith("w30", "w31", "w32").hasSize(4);

    JsonNode saliency = maps.get(3);
    assertThat(strings(saliency.path("rows"))).allMatch(row -> row.matches("(w3[0-2]|</s>) \\([01]\\.\\d\\d\\)"));
    List<Saliency> expected = Predictions.ofTarget(reading.encoder(), begin, new int[] {30, 31, 32, end}).stream()
        .map(explainer::saliency).toList();
    float[] found = floats(saliency, 0);
    double scale = saliency.path("scale").asDouble();
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 9; j++) {
        double wanted = j < 5 ? expected.get(i).encoder()[j] : expected.get(i).decoder()[j - 5];
        assertThat(scale * found[i * 9 + j]).isCloseTo(wanted, within(scale * ROUNDING));
      }
    }
  }

  @Test
  void withoutTargetsTheModelsOwnGreedyOutputIsExplained() throws IOException {
    for (String name : List.of("gpt2", "marian")) {
      Path model = folder.resolve(name);
      JsonNode results = GoldenModelFolder.write(name, model).path("generate").path("results");
      JsonNode prompt = results.get(0).path(name.equals("gpt2") ? "prompt" : "source");
      JsonNode ids = results.get(0).path("greedy").path("ids");
      input(GoldenModelFolder.text(prompt, config(model)));
      JsonNode maps = data(page(model, "explain.max-new-tokens=12")).get(0).path("maps");
      JsonNode saliency = maps.get(maps.size() - 1);
      int known = name.equals("gpt2") ? prompt.size() : 1;
      List<String> said = strings(saliency.path("rows")).stream().map(row -> row.split(" ")[0]).toList();
      assertThat(said).hasSize(ids.size() - known);
      int end = config(model).path("eos_token_id").asInt();
      assertThat(IntStream.range(known, ids.size()).map(i -> ids.get(i).asInt()).filter(id -> id != end).mapToObj(id -> "w" + id).toList())
          .isEqualTo(said.stream().filter(word -> !word.equals("</s>")).toList());
    }
  }

  @Test
  void encodersAreExplainedWordByWordAndByClass() throws IOException {
    Path masked = folder.resolve("masked");
    GoldenModelFolder.write("bert-mlm", masked);
    input("w7 w9 w11");
    JsonNode maps = data(page(masked)).get(0).path("maps");
    assertThat(names(maps)).containsExactly("Encoder self-attention", "Saliency");
    assertThat(strings(maps.get(1).path("rows"))).extracting(row -> row.split(" ")[0]).containsExactly("w7", "w9", "w11");
    assertThatThrownBy(() -> page(masked, "explain.target=" + folder.resolve("input"))).isInstanceOf(InvalidInputException.class)
        .hasMessage("explain.target is set, but the model says no text; leave it out");

    ObjectNode config = (ObjectNode) config(masked);
    config.putArray("architectures").add("BertModel");
    Files.writeString(masked.resolve("config.json"), config.toString());
    assertThat(page(masked).getDocumentElement().getTextContent()).contains("The model has no head: it predicts nothing");
  }

  @Test
  void ourOwnTrainingOutputIsExplained() throws IOException {
    TinyModelFolder made = TinyModelFolder.write(SPARK.session(), folder, List.of("one line", "another <b>&line</b>"));
    input("another line", "</script><b>&\u0007");
    Document page = page(Path.of(made.model().toUri()));
    assertThat(data(page)).hasSize(2);
    assertThat(String.join("", strings(data(page).get(0).path("maps").get(0).path("columns")))).isEqualTo("another▁line</s>");
    assertThat(page.getElementsByTagName("b").getLength()).isZero();
    String html = Files.readString(folder.resolve("page.html"));
    assertThat(html).doesNotContain("src=", "href=", "url(", "@import");
    assertThat(html.split("</script>", -1)).hasSize(4);
  }

  @Test
  void limitsAreSaidInOneLine() throws IOException {
    Path model = folder.resolve("model");
    GoldenModelFolder.write("marian", model);
    input("w7", "w7 w8 w9 w10");
    refused(model, "line 2 of " + folder.resolve("input") + " has 5 tokens, and the longest that can be explained has 4 "
        + "(explain.max-tokens); shorten it", "explain.max-tokens=4");
    Files.write(folder.resolve("target"), List.of("w7"));
    refused(model, "%s has 2 lines, and its target %s has 1 (of the first 20); they must be as many".formatted(folder.resolve("input"),
        folder.resolve("target")), "explain.target=" + folder.resolve("target"));
    input(" ", "\u00a0");
    refused(model, folder.resolve("input") + " has no line with text: nothing can be explained");
    input("w7", "w8", "w9");
    assertThat(data(page(model, "explain.max-lines=2"))).hasSize(2);
    assertThatThrownBy(() -> run(model, "explain.overwrite=false")).hasMessageStartingWith("output exists already: ");
    refused(model, "Missing file: nowhere does not exist; check the path", "explain.input=nowhere");
  }

  @Test
  void aPageIsNotLargerThanAllowed() throws IOException {
    Path model = folder.resolve("model");
    GoldenModelFolder.write("t5-original", model);
    String[] lines = IntStream.range(0, 8).mapToObj(i -> IntStream.range(0, 120).mapToObj(j -> "w" + (5 + (i + j) % 40))
        .collect(Collectors.joining(" "))).toArray(String[]::new);
    input(lines);
    Document page = page(model, "explain.max-page-megabytes=1", "explain.max-new-tokens=2");
    assertThat(data(page)).hasSizeBetween(1, 7);
    assertThat(Files.size(folder.resolve("page.html"))).isLessThan(1_100_000);
    Files.write(folder.resolve("target"), List.of(lines));
    refused(model, "line 1 of %s alone needs a larger page than explain.max-page-megabytes = 1; raise it, or shorten the line"
        .formatted(folder.resolve("input")), "explain.max-page-megabytes=1", "explain.target=" + folder.resolve("target"));
  }

  private void input(String... lines) throws IOException {
    Files.write(folder.resolve("input"), List.of(lines));
  }

  private void refused(Path model, String message, String... settings) {
    assertThatThrownBy(() -> run(model, settings)).isInstanceOf(InvalidInputException.class).hasMessage(message);
  }

  private void run(Path model, String... settings) throws IOException {
    List<String> given = List.of(settings);
    Stream<String> usual = Stream.of("explain.model=" + model, "explain.input=" + folder.resolve("input"),
        "explain.output=" + folder.resolve("page.html"), "explain.overwrite=true")
        .filter(setting -> given.stream().noneMatch(other -> other.startsWith(setting.substring(0, setting.indexOf('=') + 1))));
    List<Assignment> assignments = Stream.concat(usual, given.stream()).map(Assignment::parse).toList();
    new ExplainJob(new JavaSparkContext(SPARK.session().sparkContext()), Settings.defaults().with(assignments).explain()).explain();
  }

  private Document page(Path model, String... settings) throws IOException {
    run(model, settings);
    try (InputStream in = Files.newInputStream(folder.resolve("page.html"))) {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in);
    } catch (ParserConfigurationException | SAXException e) {
      throw new AssertionError("The page is not well-formed", e);
    }
  }

  private static Explainer explainer(Path model) throws IOException {
    HubFolder hub = HubFolder.open(new Configuration(), new org.apache.hadoop.fs.Path(model.toUri()));
    Explainer explainer = new Explainer(hub.config().network());
    hub.readInto(explainer.model());
    return explainer;
  }

  private static JsonNode config(Path model) {
    try {
      return JSON.readTree(model.resolve("config.json").toFile());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What the scripts read. */
  private static List<JsonNode> data(Document page) throws IOException {
    List<JsonNode> data = new ArrayList<>();
    NodeList scripts = page.getElementsByTagName("script");
    for (int i = 0; i < scripts.getLength(); i++) {
      if (((Element) scripts.item(i)).getAttribute("type").equals("application/json")) {
        data.add(JSON.readTree(scripts.item(i).getTextContent()));
      }
    }
    return data;
  }

  private static List<String> texts(Document page, String element) {
    NodeList found = page.getElementsByTagName(element);
    return IntStream.range(0, found.getLength()).mapToObj(i -> found.item(i).getTextContent()).toList();
  }

  private static List<String> names(JsonNode maps) {
    List<String> names = new ArrayList<>();
    maps.forEach(map -> names.add(map.path("name").asText()));
    return names;
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(text -> strings.add(text.asText()));
    return strings;
  }

  /** The values of a layer as shares of the map's scale. */
  private static float[] floats(JsonNode map, int layer) {
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(map.path("layers").get(layer).path("values").asText()))
        .order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / Short.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) bytes.getShort() / Short.MAX_VALUE;
    }
    return values;
  }

  private static void assertClose(float[] found, float[][][] expected, double scale) {
    int at = 0;
    for (float[][] head : expected) {
      for (float[] row : head) {
        for (float value : row) {
          assertThat(scale * found[at++]).isCloseTo(value, within(scale * ROUNDING));
        }
      }
    }
    assertThat(found).hasSize(at);
  }
}
