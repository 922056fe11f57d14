package io.sparkformer.jobs.translate;

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
import io.sparkformer.jobs.config.TranslateSettings;
import io.sparkformer.jobs.model.GoldenModelFolder;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.LengthPenalty;
import io.sparkformer.model.decode.SearchRules;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.decode.TokenRules;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.GenerationConfig;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of Hugging Face's classes translate as its {@code generate} does, token by token. */
class HubTranslationTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double SCORE = 1e-4;

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"marian", "t5-original", "t5-v1.1"})
  void searchesAreThoseOfHuggingFace(String name) throws IOException {
    Path model = folder.resolve("model");
    JsonNode generate = GoldenModelFolder.write(name, model).path("generate");
    JsonNode config = JSON.readTree(model.resolve("config.json").toFile());
    // As a published model says it.
    ObjectNode generation = (ObjectNode) JSON.readTree(model.resolve("generation_config.json").toFile());
    generation.set("num_beams", generate.path("num_beams"));
    generation.set("length_penalty", generate.path("length_penalty"));
    Files.writeString(model.resolve("generation_config.json"), generation.toString());
    List<String> sources = new ArrayList<>();
    generate.path("results").forEach(result -> sources.add(GoldenModelFolder.text(result.path("source"), config)));
    Files.write(folder.resolve("input"), sources);

    List<String> beams = translate(model, "--n-best", generate.path("num_beams").asText(), "-s", "translate.max-length-factor=0", "-s",
        "translate.max-length-extra=" + generate.path("max_new_tokens"));
    List<String> greedy = translate(model, "--beam", "1", "-s", "translate.max-length-factor=0", "-s",
        "translate.max-length-extra=" + generate.path("max_new_tokens"));
    assertThat(greedy).hasSameSizeAs(sources);
    int line = 0;
    for (int i = 0; i < sources.size(); i++) {
      JsonNode result = generate.path("results").get(i);
      assertThat(greedy.get(i)).isEqualTo(GoldenModelFolder.text(result.path("greedy").path("ids"), config));
      for (JsonNode wanted : result.path("beam_search").path("hypotheses_best_first")) {
        String[] found = beams.get(line++).split("\t", -1);
        assertThat(found[0]).isEqualTo(String.valueOf(i + 1));
        assertThat(Double.parseDouble(found[1])).isCloseTo(wanted.path("score").asDouble(), within(SCORE));
        assertThat(found[2]).isEqualTo(GoldenModelFolder.text(wanted.path("ids"), config));
      }
    }
    assertThat(beams).hasSize(line);
  }

  /** Helsinki-NLP's folders have no {@code tokenizer.json}. What its tokens are is tested beside the tokenizer. */
  @Test
  void marianFoldersTranslateByTheirSentencePieceFiles() throws IOException {
    Path model = folder.resolve("model");
    JsonNode expected = PublishedMarian.write(model);
    HubFolder hub = HubFolder.open(new Configuration(), new org.apache.hadoop.fs.Path(model.toUri()));
    GenerationConfig generation = hub.generation(GenerationConfig.Origin.HUGGING_FACE);
    assertThat(generation.control()).isEqualTo(new ControlTokens(344, 0, Set.of(344)));
    TransformerModel network = TransformerModel.create(hub.config().network(), new Nd4jKernels());
    hub.readInto(network);
    String[] search = {"translate.beam=1", "translate.max-length-factor=0", "translate.max-length-extra=9"};
    List<String> texts = new ArrayList<>();
    List<String> translations = new ArrayList<>();
    try (Session session = new Session(network, generation.control())) {
      BeamSearch greedy = new BeamSearch(session, SearchChoice.of(settings(search), generation).options(), generation.control());
      for (JsonNode each : expected.path("encoded")) {
        String text = each.path("text").asText();
        // The job takes spaces at the ends away, before which a language is none to the real tokenizer.
        if (!text.isBlank() && text.equals(text.strip()) && text.chars().noneMatch(c -> c == '\u2028' || c == '\u0085')) {
          texts.add(text);
          int[] ids = StreamSupport.stream(each.path("ids").spliterator(), false).mapToInt(JsonNode::asInt).toArray();
          translations.add(PublishedMarian.text(model, greedy.translate(List.of(ids)).get(0).get(0).tokens()));
        }
      }
    }
    assertThat(translations).hasSizeGreaterThan(20);
    assertThat(new HashSet<>(translations)).as("different translations").hasSizeGreaterThan(12);
    Files.write(folder.resolve("input"), texts);
    String[] flags = Stream.of(search).flatMap(each -> Stream.of("-s", each)).toArray(String[]::new);
    assertThat(translate(model, flags)).isEqualTo(translations);

    Files.write(folder.resolve("input"), List.of("The model is read once."));
    String[] german = Stream.concat(Stream.of("--prefix", ">>deu<< "), Stream.of(flags)).toArray(String[]::new);
    assertThat(translate(model, german)).containsExactly(translations.get(texts.indexOf(">>deu<< The model is read once.")));
  }

  @Test
  void thePrefixOfTheModelStandsBeforeEverySentence() throws IOException {
    Path model = folder.resolve("model");
    GoldenModelFolder.write("t5-original", model);
    Files.write(folder.resolve("input"), List.of("w5 w6", "w7"));
    List<String> without = translate(model, "--beam", "2");
    ObjectNode config = (ObjectNode) JSON.readTree(model.resolve("config.json").toFile());
    config.putObject("task_specific_params").putObject("translation").put("prefix", "w8 w9: ".replace(":", ""));
    Files.writeString(model.resolve("config.json"), config.toString());
    Files.move(model, folder.resolve("with"));
    List<String> with = translate(folder.resolve("with"), "--beam", "2");
    assertThat(translate(folder.resolve("with"), "--beam", "2", "--prefix", "w8 w9")).isEqualTo(with).isNotEqualTo(without);
    assertThat(translate(folder.resolve("with"), "--beam", "2", "--prefix", "")).isEqualTo(without);
    Files.write(folder.resolve("input"), List.of("w8 w9 w5 w6", "w8 w9 w7"));
    // Twice as many tokens at most, and ten: the search, not its limit, has to be the same.
    assertThat(translate(folder.resolve("with"), "--beam", "2", "--prefix", "")).isEqualTo(with);
  }

  @Test
  void aModelWithSeveralPrefixesNeedsAChoice() {
    ObjectNode config = JSON.createObjectNode();
    ObjectNode tasks = config.putObject("task_specific_params");
    tasks.putObject("translation_en_to_de").put("prefix", "translate English to German: ");
    assertThat(SourcePrefix.of("translate.prefix", null, config)).isEqualTo("translate English to German: ");
    tasks.putObject("translation_en_to_fr").put("prefix", "translate English to French: ");
    assertThatThrownBy(() -> SourcePrefix.of("translate.prefix", null, config)).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("translate.prefix is not set").hasMessageContaining("translation_en_to_fr=translate English to French:");
    assertThat(SourcePrefix.of("translate.prefix", "translate English to French:", config)).isEqualTo("translate English to French: ");
  }

  @Test
  void settingsGoBeforeTheModelsDefaults() {
    GenerationConfig model = new GenerationConfig("generation_config.json", new ControlTokens(3, 1, Set.of()), SearchRules.HUGGING_FACE, 6,
        0.9, List.of("do_sample = true"));
    SearchChoice choice = SearchChoice.of(settings(), model);
    assertThat(choice.options().beam()).isEqualTo(6);
    assertThat(choice.options().lengthPenalty()).isEqualTo(0.9);
    assertThat(choice.lines()).containsExactly("search: beam 6 (generation_config.json), length penalty 0.9 (generation_config.json), "
        + "scores of Hugging Face's generate", "not supported, and left out, of generation_config.json: do_sample = true");
    choice = SearchChoice.of(settings("translate.beam=2", "translate.length-penalty=0"), model);
    assertThat(choice.options().beam()).isEqualTo(2);
    assertThat(choice.lines().get(0)).startsWith("search: beam 2, length penalty 0.0, scores");
    GenerationConfig silent = new GenerationConfig("config.json", ControlTokens.STANDARD, SearchRules.GNMT, null, null, List.of());
    assertThat(SearchChoice.of(settings(), silent).lines())
        .containsExactly("search: beam 4, length penalty 0.6, scores of Wu et al. 2016");
    SearchChoice ruled = SearchChoice.of(settings("translate.length-normalization=average", "translate.no-repeat-ngram=3",
        "translate.repetition-penalty=1.2", "translate.min-length=2"), silent);
    assertThat(ruled.lines()).containsExactly("search: beam 4, length penalty 0.6 (average), scores of Wu et al. 2016",
        "next tokens: repetition penalty 1.2, no 3-gram twice, at least 2 of them");
    assertThat(ruled.options().penalty()).isEqualTo(LengthPenalty.AVERAGE);
    assertThat(ruled.options().tokenRules()).isEqualTo(new TokenRules(1.2, 3, 2, 0));
    assertThatThrownBy(() -> SearchChoice.of(settings("translate.n-best=5"), silent)).hasMessage(
        "Invalid translate.n-best: 5 (must be at most the beam, 4; set translate.beam)");
  }

  @Test
  void aModelWithoutDecoderOrEncoderDoesNotTranslate() throws IOException {
    Path model = folder.resolve("model");
    GoldenModelFolder.write("gpt2", model);
    Files.write(folder.resolve("input"), List.of("w5"));
    assertThat(status(model)).isEqualTo(1);
  }

  private static TranslateSettings settings(String... assignments) {
    return Settings.defaults().with(Stream.concat(Stream.of("translate.model=m"), Stream.of(assignments)).map(Assignment::parse).toList())
        .translate();
  }

  private List<String> translate(Path model, String... more) throws IOException {
    assertThat(status(model, more)).isZero();
    return Files.readAllLines(folder.resolve("output"));
  }

  private int status(Path model, String... more) {
    List<String> args = new ArrayList<>(List.of("--model", model.toString(), "--input", folder.resolve("input").toString(), "--output",
        folder.resolve("output").toString(), "--overwrite", "-s", "kernels=portable"));
    args.addAll(List.of(more));
    return TranslateJob.run(args.toArray(String[]::new));
  }
}
