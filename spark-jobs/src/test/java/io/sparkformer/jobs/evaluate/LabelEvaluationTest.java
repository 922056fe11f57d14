package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The numbers are those of scikit-learn's and SciPy's definitions, computed with NumPy. */
class LabelEvaluationTest {
  private static final String[] LABELS = "c a a b c b a a c b b a".split(" ");
  private static final String[] PREDICTIONS = "c a b b a b a c c b a d".split(" ");

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private Path folder;

  private EvaluationReport evaluate(String... assignments) throws IOException {
    List<Assignment> all = new ArrayList<>(Stream.of(assignments).map(Assignment::parse).toList());
    return EvaluateJob.evaluate(SPARK.session(), Settings.load(Optional.empty(), all, new Configuration()).evaluate());
  }

  @Test
  void classesAreCountedAgainstOneAnother() throws IOException {
    StringBuilder table = new StringBuilder("label\tprediction\n\tb\na\t\n");
    for (int i = 0; i < LABELS.length; i++) {
      table.append(LABELS[i]).append('\t').append(PREDICTIONS[i]).append('\n');
    }
    EvaluationReport report = evaluate("evaluate.predictions=" + Files.writeString(folder.resolve("a.tsv"), table));
    assertThat(report.lines()).containsExactly(
        "accuracy = 58.33 %, macro F1 = 0.4653, Matthews correlation = 0.3983; 12 rows (2 more have no label or no prediction)",
        "labels in rows, predictions in columns:",
        "                 a         b         c         d        F1",
        "a                2         1         1         1    0.4444",
        "b                1         3         0         0    0.7500",
        "c                1         0         2         0    0.6667",
        "d                0         0         0         0    0.0000");
    JsonNode json = new ObjectMapper().readTree(report.json()).path("labels");
    assertThat(json.path("macroF1").asDouble()).isCloseTo(0.4652777777777778, within(1e-12));
    assertThat(json.path("matthews").asDouble()).isCloseTo(0.39829109297526266, within(1e-12));
    assertThat(json.path("confusion").toString()).isEqualTo("[[2,1,1,1],[1,3,0,0],[1,0,2,0],[0,0,0,0]]");
  }

  @Test
  void classesMayBeGivenByTheirNumbers() throws IOException {
    Files.writeString(folder.resolve("a.json"), """
        {"gold": 1, "said": "good"}
        {"gold": 0, "said": "good"}
        {"gold": 0, "said": "bad"}
        """);
    ConfusionTable table = evaluate("evaluate.predictions=" + folder.resolve("a.json"), "evaluate.label-column=gold",
        "evaluate.prediction-column=said", "finetune.labels=bad,good").labels().orElseThrow().classes()
        .orElseThrow();
    assertThat(table.classes()).containsExactly("bad", "good");
    assertThat(table.counts()).isDeepEqualTo(new long[][] {{1, 1}, {0, 1}});
  }

  @Test
  void valuesAreCorrelated() throws IOException {
    double[] labels = {1, 2, 2, 3.5, -1, 0, 7, 2};
    double[] predictions = {0.5, 2, 3, 3, -2, 1, 5, 2.5};
    StringBuilder table = new StringBuilder("label,prediction\n");
    for (int i = 0; i < labels.length; i++) {
      table.append(labels[i]).append(',').append(predictions[i]).append('\n');
    }
    Path file = Files.writeString(folder.resolve("a.csv"), table);
    ValueScores scores = evaluate("evaluate.predictions=" + file, "evaluate.task=regression").labels().orElseThrow().values().orElseThrow();
    assertThat(scores.pearson()).isCloseTo(0.9061327569189217, within(1e-12));
    assertThat(scores.spearman()).isCloseTo(0.9326733179802502, within(1e-12));
    assertThat(scores.meanSquaredError()).isCloseTo(0.96875, within(1e-12));
    Files.writeString(file, "label,prediction\na,1\n");
    assertThatThrownBy(() -> evaluate("evaluate.predictions=" + file, "evaluate.task=regression")).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("column label of ").hasMessageContaining("holds a, which is no number");
    Files.writeString(file, "label,prediction\na,\n");
    assertThatThrownBy(() -> evaluate("evaluate.predictions=" + file)).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has a label in column label and a prediction in column prediction");
  }
}
