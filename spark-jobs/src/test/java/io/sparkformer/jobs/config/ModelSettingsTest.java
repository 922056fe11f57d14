package io.sparkformer.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.architecture.Architecture;
import io.sparkformer.model.architecture.Architectures;
import io.sparkformer.model.architecture.FamilySettings;
import io.sparkformer.model.architecture.NetworkSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ModelSettingsTest {
  @Test
  void aFamilyIsAPresetAndWhatIsSetOtherwise() {
    assertThat(model("model.architecture=gpt2")).isEqualTo(new FamilySettings("gpt2", "gpt2", Map.of()));
    assertThat(model("model.architecture=gpt2", "model.preset=gpt2-medium", "model.gpt2.n_layer=2", "model.gpt2.attn_pdrop=0",
        "model.gpt2.tie_word_embeddings=false")).isEqualTo(new FamilySettings("gpt2", "gpt2-medium",
            Map.of("n_layer", 2L, "attn_pdrop", 0.0, "tie_word_embeddings", false)));
  }

  @Test
  void mistakesNameTheKeyAndItsPlaceAndListWhatThereIs() {
    assertThatThrownBy(() -> model("model.architecture=gpt3")).hasMessageStartingWith(
        "Invalid model.architecture: gpt3 (must be transformer or bert or ").hasMessageEndingWith("; --set model.architecture=gpt3)");
    assertThatThrownBy(() -> model("model.architecture=gpt2", "model.preset=t5-small")).hasMessage(
        "Invalid model.preset: t5-small (must be gpt2 or gpt2-medium or gpt2-large or gpt2-xl; --set model.preset=t5-small)");
    assertThatThrownBy(() -> model("model.preset=gpt2")).hasMessageContaining("the transformer has none: set model.architecture")
        .hasMessageContaining("gpt2: gpt2, gpt2-medium");
    assertThatThrownBy(() -> model("model.gpt2.n_layers=2")).hasMessageContaining("did you mean model.gpt2.n_layer?")
        .hasMessageContaining("model.gpt2 has n_layer, n_embd, n_head");
    assertThatThrownBy(() -> model("model.architecture=gpt2", "model.gpt2.n_head=7"))
        .hasMessage("Invalid model.gpt2.n_head: 7 (must divide n_embd, 768; try 8; --set model.gpt2.n_head=7)");
    assertThatThrownBy(() -> model("model.architecture=gpt2", "model.gpt2.n_layer=many"))
        .hasMessageContaining("model.gpt2.n_layer must be a whole number, found many");
    assertThatThrownBy(() -> model("model.architecture=gpt2", "model.gpt2.n_layer=0"))
        .hasMessageContaining("The keys of model.gpt2 describe no network: A stack needs at least one layer");
  }

  @Test
  void whatIsSetForAnotherArchitectureIsAnError() {
    assertThatThrownBy(() -> model("model.gpt2.n_layer=2")).hasMessage("model.gpt2.n_layer is a setting of the architecture gpt2, but "
        + "model.architecture is transformer (--set model.gpt2.n_layer=2); set model.architecture = gpt2");
    assertThatThrownBy(() -> model("model.architecture=gpt2", "model.heads=4")).hasMessageContaining(
        "model.heads is a setting of the architecture transformer, but model.architecture is gpt2").hasMessageContaining("model.gpt2");
  }

  @Test
  void baseConfHasEveryKeyAndNamesEveryPreset() throws IOException {
    String text = Files.readString(Path.of("../conf/base.conf"));
    List<String> known = new ArrayList<>();
    KnownKeys.BASE.keys().forEach(known::add);
    for (Architecture family : Architectures.trainable()) {
      String group = "model." + family.modelType() + ".";
      assertThat(known.stream().filter(key -> key.startsWith(group)).map(key -> key.substring(group.length())))
          .containsExactlyInAnyOrderElementsOf(family.presets().keys().keySet());
      assertThat(text).contains(family.modelType()).contains(String.join(", ", family.presets().names()));
    }
  }

  private static NetworkSettings model(String... assignments) {
    return Settings.defaults().with(Stream.of(assignments).map(Assignment::parse).toList()).model();
  }
}
