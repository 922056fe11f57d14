package io.sparkformer.jobs.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.LengthHistogram;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.InvalidSettingException;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.SpecialTokens;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ModelCardTest {
  private static final ShardSet PART = new ShardSet(List.of(), List.of(3, 4), LengthHistogram.EMPTY,
      new CleaningReport(12, 9, Map.of("too-long", 3L)));
  private static final CardScores SCORES = new CardScores(1000, 65432, 800, 1.5, 0.6, 27.25, 50, "nrefs:1|tok:13a");
  private static final Lineage LINEAGE = Lineage.of(Map.of("tokenizer", "a"));

  @Test
  void whatAPersonHasSaidStandsInTheFrontMatter() {
    Map<String, Object> fields = frontMatter(card("card.license=cc-by-4.0", "card.language=en, de", "card.title=A: \"title\" #1"), SCORES);
    assertThat(fields).containsEntry("license", "cc-by-4.0").containsEntry("language", List.of("en", "de"))
        .containsEntry("pipeline_tag", "translation").containsEntry("library_name", "transformers").doesNotContainKey("license_name");
    Map<?, ?> model = (Map<?, ?>) ((List<?>) fields.get("model-index")).get(0);
    assertThat(model.get("name")).isEqualTo("A: \"title\" #1");
    Map<?, ?> result = (Map<?, ?>) ((List<?>) model.get("results")).get(0);
    assertThat((List<?>) result.get("metrics")).extracting(metric -> ((Map<?, ?>) metric).get("type"),
        metric -> ((Map<?, ?>) metric).get("value")).containsExactly(tuple("bleu", 27.25), tuple("loss", 1.5), tuple("perplexity", 4.4817));
  }

  @Test
  void aLicenceOfAnotherNameIsOther() {
    assertThat(frontMatter(card("card.license=Our own licence: no. 3"), SCORES)).containsEntry("license", "other")
        .containsEntry("license_name", "Our own licence: no. 3");
  }

  @Test
  void whatNobodyHasSaidIsNotStated() {
    CardScores unknown = new CardScores(1000, 65432, -1, Double.NaN, Double.NaN, Double.NaN, 0, "");
    assertThat(frontMatter(card(), unknown)).doesNotContainKeys("license", "language", "model-index");
    assertThat(card().text(unknown, 12_345, LINEAGE)).contains("# a-run\n", "| licence | not stated (`card.license`) |",
        "Licence of the data: not stated (`card.data-license`).", "Not validated.");
  }

  @Test
  void dataTrainingScoresAndLineageAreTold() {
    assertThat(card("train.batch-tokens=512", "card.data=Old letters.").text(SCORES, 12_345, LINEAGE)).contains("| parameters | 12,345 |",
        "Old letters.", "| train | 0 | 0 | 0 | 12 | too-long 3 |", "1,000 updates on 65,432 target tokens, by 2 workers, each of 8 threads",
        "\ntrain.batch-tokens = 512\n", "after step 800", "| perplexity | 4.48 |", "(nrefs:1\\|tok:13a) | 27.25 |",
        "MarianMTModel", "AutoModelForSeq2SeqLM.from_pretrained(\"FOLDER\")", LINEAGE.hash());
  }

  @Test
  void placesAndWhomToNotifyAreNotTold() {
    assertThat(card("train.data=/home/me/data", "train.output=/home/me/run", "train.notify.url=http://host/token", "train.max-steps=7")
        .text(SCORES, 12_345, LINEAGE)).contains("train.max-steps = 7").doesNotContain("/home/me", "token\n", "host/");
  }

  @Test
  void aNameOfALanguageIsNoCode() {
    assertThatThrownBy(() -> card("card.language=English")).isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("card.language").hasMessageContaining("must be codes of languages");
  }

  private static ModelCard card(String... assignments) {
    Settings settings = Settings.defaults().with(Stream.of(assignments).map(Assignment::parse).toList());
    ModelConfig config = settings.model().config(100, new SpecialTokens(0, 1, 2), 1);
    return ModelCard.of(settings, "a-run", config, new ShardManifest(ShardManifest.FORMAT_VERSION, ExampleKind.SENTENCE_PAIRS, null, 1,
        100, "", PART, PART), 2, 8);
  }

  private static Map<String, Object> frontMatter(ModelCard card, CardScores scores) {
    String[] parts = card.text(scores, 12_345, LINEAGE).split("(?m)^---\n");
    assertThat(parts[0]).isEmpty();
    return new Yaml(new SafeConstructor(new LoaderOptions())).load(parts[1]);
  }
}
