package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what sacreBLEU gave, to 1e-6. */
class GoldenScoresTest {

  private static final Offset<Double> TOLERANCE = within(1e-6);

  record Case(String name, JsonNode json) {
    List<String> strings(String field) {
      List<String> strings = new ArrayList<>();
      json.get(field).forEach(element -> strings.add(element.asText()));
      return strings;
    }

    List<Long> longs(String field) {
      List<Long> longs = new ArrayList<>();
      json.get(field).forEach(element -> longs.add(element.asLong()));
      return longs;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() throws IOException {
    try (InputStream golden = GoldenScoresTest.class.getResourceAsStream("/golden/bleu-chrf.json")) {
      JsonNode cases = new ObjectMapper().readTree(golden).get("cases");
      return StreamSupport.stream(cases.spliterator(), false).map(json -> new Case(json.get("name").asText(), json));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bleuIsThatOfSacreBleu(Case golden) {
    Casing casing = golden.json.get("lowercase").asBoolean() ? Casing.LOWERCASE : Casing.MIXED;
    BleuScore score = new Bleu(casing, WordTokenization.V13A).score(golden.strings("hypotheses"), golden.strings("references"));
    assertThat(score.statistics().matches()).isEqualTo(golden.longs("counts"));
    assertThat(score.statistics().totals()).isEqualTo(golden.longs("totals"));
    assertThat(score.statistics().hypothesisWords()).isEqualTo(golden.json.get("sys_len").asLong());
    assertThat(score.statistics().referenceWords()).isEqualTo(golden.json.get("ref_len").asLong());
    for (int order = 0; order < 4; order++) {
      assertThat(score.precisions().get(order)).isCloseTo(golden.json.get("precisions").get(order).asDouble(), TOLERANCE);
    }
    assertThat(score.brevityPenalty()).isCloseTo(golden.json.get("brevity_penalty").asDouble(), TOLERANCE);
    assertThat(score.score()).isCloseTo(golden.json.get("bleu").asDouble(), TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void chrFIsThatOfSacreBleu(Case golden) {
    List<String> hypotheses = golden.strings("hypotheses");
    List<String> references = golden.strings("references");
    ChrFStatistics sum = ChrFStatistics.NONE;
    for (int i = 0; i < hypotheses.size(); i++) {
      sum = sum.plus(ChrF.STANDARD.statistics(hypotheses.get(i), references.get(i)));
    }
    assertThat(ChrF.STANDARD.score(sum)).isCloseTo(golden.json.get("chrf2").asDouble(), TOLERANCE);
  }
}
