package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class CorpusScoresTest {

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private Path folder;

  private CorpusScores score(Casing casing, WordTokenization tokenization) {
    return CorpusScores.of(SPARK.session(), new org.apache.hadoop.fs.Path(folder.resolve("hypotheses").toUri()),
        new org.apache.hadoop.fs.Path(folder.resolve("references").toUri()), casing, tokenization);
  }

  @Test
  void filesScoreAsTheirLinesDo() throws IOException {
    GoldenScoresTest.Case golden = GoldenScoresTest.cases().findFirst().orElseThrow();
    Files.write(folder.resolve("hypotheses"), golden.strings("hypotheses"));
    Files.write(folder.resolve("references"), golden.strings("references"));
    CorpusScores scores = score(Casing.MIXED, WordTokenization.V13A);
    assertThat(scores.segments()).isEqualTo(200);
    assertThat(scores.bleu().score()).isCloseTo(golden.json().get("bleu").asDouble(), within(1e-6));
    assertThat(scores.chrF2()).isCloseTo(golden.json().get("chrf2").asDouble(), within(1e-6));
    String version = MetricVersion.TEXT;
    EvaluationReport report = new EvaluationReport(Optional.of(scores), Optional.empty(), Optional.empty(),
        Optional.empty());
    assertThat(report.lines()).containsExactly("BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:" + version
        + " = 39.41 88.6/51.9/34.5/24.2 (BP = 0.890 ratio = 0.896 hyp_len = 2148 ref_len = 2398)",
        "chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:" + version + " = 66.57");
    assertThat(new ObjectMapper().readTree(report.json()).at("/bleu/score").asDouble()).isEqualTo(scores.bleu().score());
    assertThat(new ObjectMapper().readTree(report.json()).at("/bleu/precisions")).hasSize(4);
  }

  @Test
  void emptyLinesAreSegmentsToo() throws IOException {
    Files.write(folder.resolve("hypotheses"), List.of("", "a b c d e", ""));
    Files.write(folder.resolve("references"), List.of("x", "A B C D E", ""));
    CorpusScores scores = score(Casing.LOWERCASE, WordTokenization.NONE);
    assertThat(scores.segments()).isEqualTo(3);
    assertThat(scores.bleu().score()).isCloseTo(100 * Math.exp(1 - 6.0 / 5), within(1e-9));
  }

  @Test
  void misalignedFilesAreReportedWithTheirCounts() throws IOException {
    Files.write(folder.resolve("hypotheses"), List.of("a", "b"));
    Files.write(folder.resolve("references"), List.of("a", "b", "c"));
    assertThatThrownBy(() -> score(Casing.MIXED, WordTokenization.V13A)).isInstanceOf(InvalidInputException.class)
        .hasMessageMatching("Misaligned files: .*hypotheses has 2 lines, .*references has 3; line n of one .*");
  }

  @Test
  void missingFileIsReported() throws IOException {
    Files.write(folder.resolve("hypotheses"), List.of("a", "b"));
    assertThatThrownBy(() -> score(Casing.MIXED, WordTokenization.V13A)).isInstanceOf(InvalidInputException.class)
        .hasMessageMatching("Missing file: .*references does not exist; check the path");
  }
}
