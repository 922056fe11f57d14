package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.explain.AttentionMap;
import io.sparkformer.model.explain.Explainer;
import io.sparkformer.model.explain.Prediction;
import io.sparkformer.model.explain.Predictions;
import io.sparkformer.model.explain.Reading;
import io.sparkformer.model.explain.Saliency;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attention weights and gradient times input of every family against the real classes of Hugging Face. {@code explained.safetensors} of a
 * case holds, of {@code output_attentions=True}, {@code KIND.LAYER.SEQUENCE} of shape {@code [heads, query_time, key_time]}; and of the
 * first sequence {@code saliency.STACK [predictions, tokens]}, PyTorch's gradients of {@code log_probabilities} with respect to what the
 * embedding of the tokens gives, times that.
 */
class ExplainerGoldenTest {
  private static final double WEIGHTS = 2e-5;
  /** Of the largest value of a prediction. */
  private static final double SALIENCIES = 5e-4;

  static List<Path> cases() throws IOException {
    return HubCases.supported().stream().filter(folder -> Files.exists(folder.resolve("explained.safetensors"))).toList();
  }

  @Test
  void everyCaseOfTheTestsIsExplained() throws IOException {
    try (Stream<Path> folders = Files.list(HubCases.own(""))) {
      assertThat(folders.filter(folder -> Files.exists(folder.resolve("case.json"))))
          .allSatisfy(folder -> assertThat(folder.resolve("explained.safetensors")).exists());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void attentionWeightsAreThoseOfHuggingFace(Path folder) throws IOException {
    HubCase golden = HubCase.read(folder);
    Map<String, float[]> expected = expected(folder);
    Explainer explainer = explainer(golden);
    List<Reading> readings = readings(golden);
    int compared = 0;
    for (int s = 0; s < readings.size(); s++) {
      for (AttentionMap map : explainer.attention(readings.get(s))) {
        String name = switch (map.kind()) {
          case ENCODER_SELF -> "encoder";
          case DECODER_SELF -> "decoder";
          case CROSS -> "cross";
        } + "." + map.layer() + "." + s;
        close(name, flat(map.weights()), expected.get(name), WEIGHTS);
        compared++;
      }
    }
    assertThat((long) compared).isEqualTo(expected.keySet().stream().filter(name -> name.matches("(encoder|decoder|cross)\\..*")).count());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void saliencyIsPyTorchsGradientTimesInput(Path folder) throws IOException {
    HubCase golden = HubCase.read(folder);
    Map<String, float[]> expected = expected(folder);
    Explainer explainer = explainer(golden);
    List<Prediction> predictions = predictions(golden, readings(golden).get(0));
    float[] logProbabilities = expected.get("log_probabilities");
    assertThat(predictions).hasSameSizeAs(logProbabilities);
    for (int i = 0; i < predictions.size(); i++) {
      Saliency saliency = explainer.saliency(predictions.get(i));
      assertThat(saliency.logProbability()).as("log-probability %d", i).isCloseTo(logProbabilities[i], within(1e-4));
      closeRow("encoder", i, saliency.encoder(), expected);
      closeRow("decoder", i, saliency.decoder(), expected);
    }
  }

  private static void closeRow(String stack, int row, float[] found, Map<String, float[]> expected) {
    float[] all = expected.get("saliency." + stack);
    assertThat(found == null).as("no " + stack).isEqualTo(all == null);
    if (found != null) {
      float[] of = Arrays.copyOfRange(all, row * found.length, (row + 1) * found.length);
      double largest = IntStream.range(0, of.length).mapToDouble(i -> Math.abs(of[i])).max().orElseThrow();
      close("saliency of prediction %d, %s".formatted(row, stack), found, of, 2e-5 + SALIENCIES * largest);
    }
  }

  /** The labels of the case's first sequence. */
  private static List<Prediction> predictions(HubCase golden, Reading reading) {
    JsonNode labels = golden.json().path("labels");
    HeadConfig head = golden.network().heads().get(0);
    if (golden.network().isEncoderDecoder()) {
      return Predictions.ofTarget(reading.encoder(), reading.decoder()[0], target(labels.path("labels").get(0)));
    }
    if (golden.network().decoder() != null) {
      return Predictions.ofContinuation(reading.decoder(), 1);
    }
    if (head instanceof HeadConfig.Span) {
      return List.of(new Prediction(reading, head.name(), 0, labels.path("start_positions").get(0).asInt(),
          labels.path("end_positions").get(0).asInt()));
    }
    if (head instanceof HeadConfig.SequenceClass) {
      return List.of(new Prediction(reading, head.name(), 0, labels.path("labels").get(0).asInt()));
    }
    int[] row = HubCase.ints(labels.path("labels").get(0));
    return IntStream.range(0, reading.encoder().length).filter(i -> row[i] >= 0)
        .mapToObj(i -> new Prediction(reading, head.name(), i, row[i])).toList();
  }

  private static List<Reading> readings(HubCase golden) {
    List<Reading> readings = new ArrayList<>();
    List<int[]> inputs = HubCase.sequences(golden.json().path("inputs").path("input_ids"), golden.lengths());
    JsonNode types = golden.json().path("inputs").path("token_type_ids");
    for (int s = 0; s < inputs.size(); s++) {
      if (golden.network().isEncoderDecoder()) {
        int[] target = target(golden.json().path("labels").path("labels").get(s));
        int start = golden.model().config().json().path("decoder_start_token_id").asInt();
        readings.add(Reading.ofPair(inputs.get(s), IntStream.concat(IntStream.of(start),
            IntStream.of(target).limit(target.length - 1L)).toArray()));
      } else if (golden.network().decoder() != null) {
        readings.add(Reading.ofDecoder(inputs.get(s)));
      } else {
        readings.add(new Reading(inputs.get(s), types.isMissingNode() ? null
            : HubCase.sequences(types, golden.lengths()).get(s), null));
      }
    }
    return readings;
  }

  private static int[] target(JsonNode row) {
    return Arrays.stream(HubCase.ints(row)).takeWhile(label -> label >= 0).toArray();
  }

  @Test
  void everyTokenOfAMaskedLanguageModelIsHiddenInItsTurn() throws IOException {
    Explainer explainer = explainer(HubCase.read(HubCases.own("bert-mlm")));
    Reading reading = Reading.ofEncoder(2, 40, 4, 41, 3);
    List<Prediction> predictions = Predictions.ofHead(explainer.model(), explainer.model().config().heads().get(0), reading,
        Set.of(2, 3, 4), OptionalInt.of(4));
    assertThat(predictions).extracting(Prediction::row).containsExactly(1, 2, 3);
    assertThat(predictions.get(0).reading().encoder()).containsExactly(2, 4, 4, 41, 3);
    assertThat(predictions.get(0).labels()).containsExactly(40);
    assertThat(predictions.get(1).reading()).isSameAs(reading);
    double best = explainer.saliency(predictions.get(1)).logProbability();
    for (int token = 0; token < explainer.model().config().vocabulary(); token++) {
      assertThat(explainer.saliency(new Prediction(reading, "vocabulary", 2, token)).logProbability()).isLessThanOrEqualTo(best);
    }
  }

  @Test
  void aSpanDoesNotEndBeforeItBegins() throws IOException {
    HubCase golden = HubCase.read(HubCases.own("bert-question-answering"));
    Explainer explainer = explainer(golden);
    for (Reading reading : readings(golden)) {
      Prediction span = Predictions.ofHead(explainer.model(), golden.network().heads().get(0), reading, Set.of(), OptionalInt.empty())
          .get(0);
      double found = explainer.saliency(span).logProbability();
      for (int last = span.labels()[0]; last < reading.encoder().length; last++) {
        assertThat(explainer.saliency(new Prediction(reading, "span", 0, span.labels()[0], last)).logProbability())
            .isLessThanOrEqualTo(found);
      }
      assertThat(span.labels()[1]).isGreaterThanOrEqualTo(span.labels()[0]);
    }
  }

  private static Explainer explainer(HubCase golden) throws IOException {
    Explainer explainer = new Explainer(golden.network());
    golden.model().readInto(explainer.model());
    return explainer;
  }

  private static Map<String, float[]> expected(Path folder) throws IOException {
    Map<String, float[]> expected = new HashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(FileSystem.getLocal(new Configuration()),
        new org.apache.hadoop.fs.Path(folder.resolve("explained.safetensors").toUri()))) {
      for (String name : file.names()) {
        expected.put(name, file.values(name));
      }
    }
    return expected;
  }

  private static float[] flat(float[][][] weights) {
    float[] flat = new float[weights.length * weights[0].length * weights[0][0].length];
    int at = 0;
    for (float[][] head : weights) {
      for (float[] query : head) {
        System.arraycopy(query, 0, flat, at, query.length);
        at += query.length;
      }
    }
    return flat;
  }

  private static void close(String what, float[] found, float[] expected, double allowed) {
    assertThat(expected).as(what).hasSameSizeAs(found);
    for (int i = 0; i < found.length; i++) {
      if (!(Math.abs(found[i] - expected[i]) <= allowed)) {
        throw new AssertionError("%s, element %d: expected %s, found %s, allowed difference %.3g"
            .formatted(what, i, expected[i], found[i], allowed));
      }
    }
  }
}
