package io.sparkformer.jobs.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.InvalidSettingException;
import io.sparkformer.jobs.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a small BERT of random weights, whose hidden states other tests compare with Hugging Face's. */
class EmbedJobTest {

  private static final int LONGEST = 12;

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private static Path models;

  private static PretrainedFolder bert;

  @TempDir
  private Path folder;

  @BeforeAll
  static void writeModel() throws IOException {
    bert = PretrainedFolder.bert(models.resolve("bert"));
  }

  private String embed(Path model, String... assignments) throws IOException {
    return embed(new StringWriter(), model, assignments);
  }

  private String embed(StringWriter printed, Path model, String... assignments) throws IOException {
    List<Assignment> all = new ArrayList<>(List.of(Assignment.parse("embed.model=" + model), Assignment.parse("precision=float32"),
        Assignment.parse("embed.input=" + folder.resolve("input")), Assignment.parse("embed.output=" + folder.resolve("output"))));
    Stream.of(assignments).map(Assignment::parse).forEach(all::add);
    return new EmbedJob(SPARK.session(), Settings.load(Optional.empty(), all, new Configuration()).embed())
        .embed(new PrintWriter(printed, true));
  }

  private static List<String> texts(int count) {
    List<String> words = List.of("a red house stands there . old tree a red".split(" "));
    return IntStream.range(0, count).mapToObj(i -> i % 7 == 3 ? "" : String.join(" ", words.subList(0, 1 + i % words.size()))).toList();
  }

  private List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("output"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).doubleValue();
    }
    return values;
  }

  private static float[] normalized(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float[] result = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      result[i] = (float) (vector[i] / Math.sqrt(squares));
    }
    return result;
  }

  private static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSize(expected.length).containsExactly(expected, within(2e-5f));
  }

  @Test
  void everyLineGivesItsTextAndTheMeanOfItsTokensInTheSameOrder() throws IOException {
    List<String> texts = texts(300);
    Files.write(folder.resolve("input"), texts);
    String summary = embed(bert.path(), "embed.batch-tokens=64");
    List<JsonNode> lines = lines();
    assertThat(lines.stream().map(line -> line.path("text").asText())).isEqualTo(texts);
    for (int i = 0; i < texts.size(); i++) {
      if (texts.get(i).isEmpty()) {
        assertThat(lines.get(i).get("embedding").isNull()).isTrue();
      } else {
        assertClose(floats(lines.get(i).get("embedding")), bert.mean(PretrainedFolder.ids(texts.get(i), LONGEST)));
      }
    }
    assertThat(summary).startsWith("embedded 300 sentences (43 of them blank: null) in ").doesNotContain("only their beginnings");
  }

  @Test
  void aVectorDoesNotDependOnWhatIsEmbeddedBesideIt() throws IOException {
    Files.write(folder.resolve("input"), texts(200));
    embed(bert.path());
    List<String> together = Files.readAllLines(folder.resolve("output"));
    embed(bert.path(), "embed.batch-tokens=1", "embed.overwrite=true");
    assertThat(Files.readAllLines(folder.resolve("output"))).isEqualTo(together);
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc", "json"})
  void aTableGetsAColumnOfFloats(String format) throws IOException {
    StructType schema = new StructType().add("id", DataTypes.IntegerType).add("title", DataTypes.StringType);
    List<Row> rows = List.of(RowFactory.create(0, "a red house"), RowFactory.create(1, null), RowFactory.create(2, " \t"),
        RowFactory.create(3, "the old tree ."));
    SPARK.session().createDataFrame(rows, schema).coalesce(1).write().format(format).save(folder.resolve("input").toString());
    embed(bert.path(), "embed.format=" + format, "embed.column=title", "embed.output-column=vector");
    var found = SPARK.session().read().format(format).load(folder.resolve("output").toString());
    assertThat(found.schema().apply("vector").dataType().catalogString())
        .isEqualTo(format.equals("json") ? "array<double>" : "array<float>");
    List<Row> after = found.orderBy("id").selectExpr("id", "title", "cast(vector as array<float>)").collectAsList();
    assertThat(after).extracting(row -> row.get(1)).containsExactly("a red house", null, " \t", "the old tree .");
    assertThat(after.get(1).isNullAt(2)).isTrue();
    assertThat(after.get(2).isNullAt(2)).isTrue();
    assertClose(vector(after.get(0)), bert.mean(PretrainedFolder.ids("a red house", LONGEST)));
    assertClose(vector(after.get(3)), bert.mean(PretrainedFolder.ids("the old tree .", LONGEST)));
  }

  private static float[] vector(Row row) {
    List<Float> values = row.getList(2);
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = values.get(i);
    }
    return vector;
  }

  @Test
  void theFilesOfSentenceTransformersSayHow() throws IOException {
    Path model = models.resolve("described");
    PretrainedFolder described = PretrainedFolder.bert(model);
    Files.createDirectories(model.resolve("1_Pooling"));
    Files.writeString(model.resolve("modules.json"), """
        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
         {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
         {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
        """);
    Files.writeString(model.resolve("1_Pooling/config.json"), """
        {"word_embedding_dimension": 16, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}
        """);
    Files.writeString(model.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 5, \"do_lower_case\": true}");
    Files.write(folder.resolve("input"), List.of("A RED house", "a red house stands there ."));
    StringWriter printed = new StringWriter();
    String summary = embed(printed, model, "embed.output=-");
    List<String> lines = printed.toString().lines().toList();
    assertThat(lines).hasSize(2);
    assertClose(floats(new ObjectMapper().readTree(lines.get(0)).get("embedding")),
        normalized(described.hidden(PretrainedFolder.ids("a red house", 5))[0]));
    assertClose(floats(new ObjectMapper().readTree(lines.get(1)).get("embedding")),
        normalized(described.hidden(PretrainedFolder.ids("a red house stands there .", 5))[0]));
    assertThat(summary).endsWith("; 1 sentences had more than 5 tokens: only their beginnings are embedded");

    embed(model, "embed.pooling=mean", "embed.normalize=false", "embed.max-length=4");
    assertClose(floats(lines().get(1).get("embedding")), described.mean(PretrainedFolder.ids("a red house stands there .", 4)));
  }

  @Test
  void whatIsNotSupportedIsRefusedByName() throws IOException {
    Path model = models.resolve("dense");
    PretrainedFolder.bert(model);
    Files.writeString(model.resolve("modules.json"), "[{\"type\": \"sentence_transformers.models.Dense\", \"path\": \"2_Dense\"}]");
    assertThatThrownBy(() -> embed(model)).isInstanceOf(InvalidInputException.class)
        .hasMessageMatching("\\S+modules.json has a step Dense, which is not supported; .*");
    Files.delete(model.resolve("modules.json"));
    Files.createDirectories(model.resolve("1_Pooling"));
    Files.writeString(model.resolve("1_Pooling/config.json"), "{\"pooling_mode_max_tokens\": true}");
    assertThatThrownBy(() -> embed(model)).isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("; choose one with --pooling mean or --pooling first");
    assertThatThrownBy(() -> embed(bert.path(), "embed.format=csv")).isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("must be parquet, orc, json or text, since CSV has no arrays");
    assertThatThrownBy(() -> embed(folder)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no config.json");
  }

  @Test
  void aDecoderAloneIsPooledOverItsLastHiddenStates() throws IOException {
    PretrainedFolder gpt2 = PretrainedFolder.gpt2(models.resolve("gpt2"));
    Files.write(folder.resolve("input"), List.of("a red house", "old tree"));
    embed(gpt2.path());
    assertClose(floats(lines().get(0).get("embedding")), gpt2.mean(PretrainedFolder.ids("a red house", LONGEST)));
    assertClose(floats(lines().get(1).get("embedding")), gpt2.mean(PretrainedFolder.ids("old tree", LONGEST)));
  }

  @Test
  void anExistingOutputIsReplacedOnlyWhenAsked() throws IOException {
    Files.write(folder.resolve("input"), List.of("a house"));
    Files.writeString(folder.resolve("output"), "before\n");
    assertThatThrownBy(() -> embed(bert.path())).isInstanceOf(InvalidInputException.class).hasMessageContaining("output exists already");
    embed(bert.path(), "embed.overwrite=true");
    assertThat(lines()).hasSize(1);
  }

  @Test
  void programEmbeds() throws IOException {
    Files.write(folder.resolve("input"), List.of("a red house", "a red house"));
    int status = EmbedJob.run(new String[] {"--model", bert.path().toString(), "--input", folder.resolve("input").toString(), "--output",
      folder.resolve("output").toString(), "--normalize", "true", "-s", "precision=float32"});
    assertThat(status).isZero();
    assertClose(floats(lines().get(0).get("embedding")), normalized(bert.mean(PretrainedFolder.ids("a red house", LONGEST))));
    assertThat(lines().get(1)).isEqualTo(lines().get(0));
  }
}
