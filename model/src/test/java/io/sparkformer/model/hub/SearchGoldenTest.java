package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Demands;
import io.sparkformer.model.decode.Hypothesis;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.decode.TokenRules;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Searches with options against Hugging Face's {@code generate} with the same, token by token. */
class SearchGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FILE = Path.of("src/test/resources/golden/search.json");
  private static final double SCORE = 2e-4;
  private static final Map<String, TransformerModel> MODELS = new HashMap<>();

  static List<Named<JsonNode>> cases() throws IOException {
    List<Named<JsonNode>> cases = new ArrayList<>();
    for (JsonNode each : JSON.readTree(FILE.toFile()).path("cases")) {
      cases.add(Named.of(each.path("model").asText() + " " + each.path("options"), each));
    }
    return cases;
  }

  private static TransformerModel model(HubCase golden) throws IOException {
    TransformerModel model = MODELS.get(golden.toString());
    if (model == null) {
      model = TransformerModel.create(golden.network(), new CpuKernels(1));
      golden.model().readInto(model);
      MODELS.put(golden.toString(), model);
    }
    return model;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void findsWhatHuggingFaceFinds(JsonNode search) throws IOException {
    HubCase golden = HubCase.read(HubCases.own(search.path("model").asText()));
    JsonNode asked = search.path("options");
    // As a published model says it.
    ObjectNode file = (ObjectNode) JSON.readTree(HubCases.own(search.path("model").asText()).resolve("generation_config.json").toFile());
    file.setAll((ObjectNode) asked);
    GenerationConfig generation = GenerationConfig.of(file, "generation_config.json",
        new TokenRoles(), GenerationConfig.Origin.HUGGING_FACE);
    assertThat(generation.ignored()).isEmpty();
    TokenDefaults tokens = generation.tokens();
    TokenRules rules = new TokenRules(tokens.repetitionPenalty() == null ? 1 : tokens.repetitionPenalty(), or0(tokens.noRepeatNgram()),
        or0(tokens.minNewTokens()), or0(tokens.minLength()));
    DecodingOptions options = new DecodingOptions(generation.beams(), asked.path("length_penalty").asDouble(1), generation.beams(), 0,
        12, generation.rules()).with(rules).with(generation.earlyStop())
        .withGroups(generation.groups() == null ? 1 : generation.groups(), generation.diversity() == null ? 0 : generation.diversity());
    ControlTokens control = generation.control();
    List<int[]> inputs = new ArrayList<>();
    for (JsonNode result : search.path("results")) {
      int[] input = HubCase.ints(result.path("input"));
      inputs.add(golden.network().isEncoderDecoder() ? Arrays.copyOf(input, input.length - 1) : input);
    }
    try (Session session = new Session(model(golden), control)) {
      // All together: no result may depend on its neighbours.
      List<List<Hypothesis>> found = new BeamSearch(session, options, control).translate(inputs);
      for (int i = 0; i < inputs.size(); i++) {
        JsonNode wanted = search.path("results").get(i).path("hypotheses");
        assertThat(found.get(i)).as("hypotheses of input %d", i).hasSize(wanted.size());
        for (int rank = 0; rank < wanted.size(); rank++) {
          int[] ids = HubCase.ints(wanted.get(rank).path("ids"));
          boolean ended = ids.length > 0 && control.isEnd(ids[ids.length - 1]);
          assertThat(found.get(i).get(rank).tokens()).as("input %d, hypothesis %d", i, rank)
              .isEqualTo(ended ? Arrays.copyOf(ids, ids.length - 1) : ids);
          if (wanted.get(rank).has("score")) {
            assertThat(found.get(i).get(rank).score()).isCloseTo(wanted.get(rank).path("score").asDouble(), within(SCORE));
          }
        }
      }
    }
  }

  static List<Named<JsonNode>> attentions() throws IOException {
    List<Named<JsonNode>> cases = new ArrayList<>();
    for (JsonNode each : JSON.readTree(FILE.toFile()).path("attention")) {
      cases.add(Named.of(each.path("model").asText() + " " + each.path("source"), each));
    }
    return cases;
  }

  /** Of every layer, the mean over heads; and that it does not depend on what else is decoded. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("attentions")
  void attendsToWhatHuggingFaceAttendsTo(JsonNode wanted) throws IOException {
    HubCase golden = HubCase.read(HubCases.own(wanted.path("model").asText()));
    TransformerModel model = model(golden);
    int[] source = HubCase.ints(wanted.path("source"));
    int[] target = HubCase.ints(wanted.path("target"));
    int end = source[source.length - 1];
    int[] tokens = target[target.length - 1] == end ? Arrays.copyOf(target, target.length - 1) : target;
    ControlTokens control = new ControlTokens(golden.model().config().json().path("decoder_start_token_id").asInt(), end, Set.of());
    int[] alone = Arrays.copyOf(source, source.length - 1);
    int layers = model.config().decoder().layers().size();
    for (int layer = 1; layer <= layers; layer++) {
      try (Session session = new Session(model, control).watching(layer)) {
        BeamSearch search = BeamSearch.withDemands(session, new DecodingOptions(1, 1, 1, 0, 20), control);
        float[][] found = search.translate(List.of(alone), List.of(Demands.translation(tokens))).get(0).get(0).attention();
        JsonNode rows = wanted.path("layers").get(layer - 1);
        assertThat(found).hasNumberOfRows(tokens.length + 1);
        for (int j = 0; j < rows.size(); j++) {
          for (int i = 0; i < source.length; i++) {
            assertThat((double) found[j][i]).as("layer %d, token %d, source %d", layer, j, i)
                .isCloseTo(rows.get(j).get(i).asDouble(), within(2e-5));
          }
        }
        List<List<Hypothesis>> together = search.translate(List.of(new int[] {5, 6, 7}, alone, new int[] {8}),
            List.of(Demands.none(), Demands.translation(tokens), Demands.none()));
        assertThat(together.get(1).get(0).attention()).isEqualTo(found);
      }
    }
    assertThatThrownBy(() -> new Session(model, control).watching(layers + 1))
        .hasMessage("There is no attention to a source in decoder layer %d: the layers are 1 to %d".formatted(layers + 1, layers));
  }

  private static int or0(Integer value) {
    return value == null ? 0 : value;
  }
}
