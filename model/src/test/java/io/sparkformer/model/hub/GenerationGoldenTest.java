package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Hypothesis;
import io.sparkformer.model.decode.SearchRules;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cuda.CudaKernels;
import io.sparkformer.model.kernel.cuda.CudaSettings;
import io.sparkformer.model.kernel.cuda.StandIn;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Greedy and beam search against Hugging Face's {@code generate}, token by token. */
class GenerationGoldenTest {
  private static final double SCORE = 2e-4;

  static List<Named<HubCase>> cases() throws IOException {
    List<Named<HubCase>> cases = new ArrayList<>();
    for (Path folder : HubCases.supported()) {
      HubCase golden = HubCase.read(folder);
      if (golden.json().has("generate")) {
        cases.add(Named.of(golden.toString(), golden));
      } else {
        System.out.printf("Golden case %s generates nothing%n", golden);
      }
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void generatesWhatHuggingFaceGenerates(HubCase golden) throws IOException {
    for (Kernels kernels : List.of(new Nd4jKernels(), new CpuKernels(2))) {
      TransformerModel model = TransformerModel.create(golden.network(), kernels);
      golden.model().readInto(model);
      generates(golden, model);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void generatesItOnADevice(HubCase golden) throws IOException {
    try (CudaKernels kernels = StandIn.kernels(StandIn.Strictness.NONE, CudaSettings.ProductType.FLOAT32)) {
      TransformerModel model = TransformerModel.create(golden.network(), kernels);
      golden.model().readInto(model);
      generates(golden, model);
    }
  }

  private static void generates(HubCase golden, TransformerModel model) {
    JsonNode generate = golden.json().path("generate");
    JsonNode config = golden.model().config().json();
    int end = generate.path("eos_token_id").asInt();
    int begin = config.path("decoder_start_token_id").asInt(-1);
    boolean forced = config.has("forced_eos_token_id");
    SearchRules rules = forced ? SearchRules.HUGGING_FACE_FORCED_END : SearchRules.HUGGING_FACE;
    ControlTokens control = new ControlTokens(begin, end, forced ? Set.of(config.path("pad_token_id").asInt()) : Set.of());
    int most = generate.path("max_new_tokens").asInt();
    int beams = generate.path("num_beams").asInt();
    List<int[]> inputs = new ArrayList<>();
    for (JsonNode result : generate.path("results")) {
      int[] input = HubCase.ints(result.path(golden.network().isEncoderDecoder() ? "source" : "prompt"));
      // A session appends the end token of a source itself.
      inputs.add(golden.network().isEncoderDecoder() ? Arrays.copyOf(input, input.length - 1) : input);
    }
    try (Session session = new Session(model, control)) {
      // All prompts of a case together: no result may depend on its neighbours.
      List<List<Hypothesis>> greedy = new BeamSearch(session, new DecodingOptions(1, 0, 1, 0, most, rules), control).translate(inputs);
      List<List<Hypothesis>> beam = new BeamSearch(session,
          new DecodingOptions(beams, generate.path("length_penalty").asDouble(), beams, 0, most, rules), control).translate(inputs);
      for (int i = 0; i < inputs.size(); i++) {
        JsonNode result = generate.path("results").get(i);
        int known = golden.network().isEncoderDecoder() ? 1 : inputs.get(i).length;
        assertThat(greedy.get(i).get(0).tokens()).as("%s, greedy, prompt %d", golden, i)
            .isEqualTo(newTokens(result.path("greedy").path("ids"), known, end));
        JsonNode wanted = result.path("beam_search").path("hypotheses_best_first");
        assertThat(beam.get(i)).as("%s, hypotheses of prompt %d", golden, i).hasSize(wanted.size());
        for (int rank = 0; rank < wanted.size(); rank++) {
          assertThat(beam.get(i).get(rank).tokens()).as("%s, prompt %d, hypothesis %d", golden, i, rank)
              .isEqualTo(newTokens(wanted.get(rank).path("ids"), known, end));
          assertThat(beam.get(i).get(rank).score()).isCloseTo(wanted.get(rank).path("score").asDouble(), within(SCORE));
        }
      }
    }
  }

  /** What comes after the known tokens, without the end token. */
  private static int[] newTokens(JsonNode ids, int known, int end) {
    int[] all = HubCase.ints(ids);
    int to = all[all.length - 1] == end && all.length > known ? all.length - 1 : all.length;
    return Arrays.copyOfRange(all, known, to);
  }
}
