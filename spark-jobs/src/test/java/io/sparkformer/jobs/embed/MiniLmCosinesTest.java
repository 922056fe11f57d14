package io.sparkformer.jobs.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job on all-MiniLM-L6-v2, whose folder {@code -Dsparkformer.minilm.dir} names: its cosines against Hugging Face's, from text on. */
class MiniLmCosinesTest {

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(1);

  @TempDir
  private Path folder;

  @ParameterizedTest
  @CsvSource({"float32, 1e-4", "bfloat16, 0.01"})
  void cosinesAreThoseOfHuggingFace(String precision, double tolerance) throws IOException {
    String model = System.getProperty("sparkformer.minilm.dir", "");
    if (model.isBlank()) {
      System.out.println("skipped: all-MiniLM-L6-v2; name its folder with -Dsparkformer.minilm.dir");
    }
    assumeTrue(!model.isBlank(), "no folder of all-MiniLM-L6-v2");
    JsonNode golden = new ObjectMapper().readTree(Path.of(model, "case.json").toFile());
    List<String> texts = new ArrayList<>();
    golden.path("sentences").forEach(sentence -> texts.add(sentence.path("text").asText()));
    Files.write(folder.resolve("input"), texts);
    StringWriter printed = new StringWriter();
    List<Assignment> settings = List.of(Assignment.parse("embed.model=" + model), Assignment.parse("precision=" + precision),
        Assignment.parse("embed.normalize=true"), Assignment.parse("embed.input=" + folder.resolve("input")));
    new EmbedJob(SPARK.session(), Settings.load(Optional.empty(), settings, new Configuration()).embed())
        .embed(new PrintWriter(printed, true));
    List<JsonNode> vectors = new ArrayList<>();
    for (String line : printed.toString().lines().toList()) {
      vectors.add(new ObjectMapper().readTree(line).get("embedding"));
    }
    assertThat(vectors).hasSize(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      for (int j = 0; j < texts.size(); j++) {
        assertThat(dot(vectors.get(i), vectors.get(j))).as("%s | %s", texts.get(i), texts.get(j))
            .isCloseTo(golden.path("cosine").get(i).get(j).asDouble(), within(tolerance));
      }
    }
  }

  private static double dot(JsonNode a, JsonNode b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += a.get(i).asDouble() * b.get(i).asDouble();
    }
    return sum;
  }
}
