package io.sparkformer.jobs.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.ModelChoice;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.TinyModelFolder;
import io.sparkformer.model.decode.DecodingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** With a real network, though one that has learnt nothing. */
class CheckpointTranslationTest {

  private static final List<String> SENTENCES =
      IntStream.range(0, 30).mapToObj(i -> "line " + i + " and other".repeat(i % 4) + " seven".repeat(i % 3)).toList();

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private static Path folder;

  private static TinyModelFolder tiny;

  @BeforeAll
  static void writeModel() throws IOException {
    tiny = TinyModelFolder.write(SPARK.session(), folder, SENTENCES);
  }

  private static List<Translation> translate(List<String> sentences) throws IOException {
    ModelLocation location = ModelLocation.find(new Configuration(), tiny.choice(1));
    DecodingOptions options = new DecodingOptions(3, 0.6, 3, 0.5, 8);
    try (SentenceTranslator translator =
        new SentenceTranslator(new CheckpointTranslationModel.Source(List.of(location), location.generation().control(), "", -1).load(),
            options, TranslationForm.PLAIN, 200)) {
      return translator.translate(sentences);
    }
  }

  @Test
  void translationDoesNotDependOnTheRestOfItsBatch() throws IOException {
    List<Translation> alone = new ArrayList<>();
    for (String sentence : SENTENCES) {
      alone.addAll(translate(List.of(sentence)));
    }
    List<Translation> together = translate(SENTENCES);
    for (int i = 0; i < SENTENCES.size(); i++) {
      assertThat(together.get(i).candidates()).extracting(Translation.Candidate::text)
          .isEqualTo(alone.get(i).candidates().stream().map(Translation.Candidate::text).toList());
    }
  }

  @Test
  void programTranslatesWithTheCheckpoint() throws IOException {
    Files.write(folder.resolve("input"), SENTENCES);
    int status = TranslateJob.run(new String[] {"--model", tiny.model().toString(), "--input", folder.resolve("input").toString(),
      "--output", folder.resolve("output").toString(), "--beam", "3", "-s", "translate.max-length-factor=0.5",
      "-s", "translate.max-length-extra=8"});
    assertThat(status).isZero();
    assertThat(Files.readAllLines(folder.resolve("output"))).isEqualTo(translate(SENTENCES).stream().map(Translation::text).toList());
  }

  /** The mean of a distribution with itself is that distribution. */
  @Test
  void aModelTogetherWithItselfTranslatesAsItDoesAlone() throws IOException {
    Files.write(folder.resolve("input"), SENTENCES);
    String[] alone = {"--model", tiny.model().toString(), "--input", folder.resolve("input").toString(), "--output",
      folder.resolve("alone").toString(), "--beam", "3", "--n-best", "3", "-s", "translate.max-length-factor=0.5", "-s",
      "translate.max-length-extra=8"};
    assertThat(TranslateJob.run(alone)).isZero();
    String[] together = alone.clone();
    together[5] = folder.resolve("together").toString();
    together = Stream.concat(Stream.of(together), Stream.of("--ensemble", tiny.model().toString())).toArray(String[]::new);
    assertThat(TranslateJob.run(together)).isZero();
    List<String> expected = Files.readAllLines(folder.resolve("alone"));
    List<String> found = Files.readAllLines(folder.resolve("together"));
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      String[] here = found.get(i).split("\t");
      String[] there = expected.get(i).split("\t");
      assertThat(Double.parseDouble(here[1])).isCloseTo(Double.parseDouble(there[1]), within(1e-4));
    }
    assertThat(found.stream().filter(expected::contains).count()).isGreaterThan(found.size() / 2);
  }

  @Test
  void missingModelIsReported() {
    ModelChoice notAModel = new ModelChoice(tiny.data(), 1, Settings.defaults().compute());
    assertThatThrownBy(() -> ModelLocation.find(new Configuration(), notAModel)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("No model at ").hasMessageContaining("neither a checkpoint");
  }
}
