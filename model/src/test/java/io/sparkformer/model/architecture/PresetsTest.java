package io.sparkformer.model.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Presets are the published networks. {@code presets.json} says for each of them where it is published on the Hugging Face Hub, how many
 * parameters its files there hold, and what its {@code config.json} there says.
 */
class PresetsTest {
  private static final SpecialTokens TOKENS = new SpecialTokens(0, 1, 2);

  private static JsonNode published() throws IOException {
    return new ObjectMapper().readTree(Path.of("src/test/resources/io/sparkformer/model/architecture/presets.json").toFile());
  }

  @Test
  void everyPresetHasThePublishedNumberOfParameters() throws IOException {
    List<String> found = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    for (JsonNode each : published()) {
      String name = each.path("preset").asText();
      FamilySettings preset = FamilySettings.preset(name);
      ModelConfig config = preset.config(preset.publishedVocabulary(), TOKENS, 1);
      long parameters = config.tensors().stream().mapToLong(tensor -> tensor.shape().stream().reduce(1L, Math::multiplyExact)).sum();
      found.add(name + " (" + each.path("repository").asText() + "): " + parameters);
      wanted.add(name + " (" + each.path("repository").asText() + "): " + each.path("parameters").asLong());
    }
    assertThat(found).isEqualTo(wanted);
  }

  @Test
  void everyPresetSaysWhatThePublishedConfigurationSays() throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode each : published()) {
      String name = each.path("preset").asText();
      names.add(name);
      FamilySettings preset = FamilySettings.preset(name);
      JsonNode config = preset.config(preset.publishedVocabulary(), TOKENS, 1).json();
      each.path("config").properties().forEach(key -> {
        JsonNode value = config.path(key.getKey());
        if (key.getValue().isNumber()) {
          assertThat(value.asDouble(Double.NaN)).as(name + " " + key.getKey()).isEqualTo(key.getValue().asDouble());
        } else {
          assertThat(value).as(name + " " + key.getKey()).isEqualTo(key.getValue());
        }
      });
    }
    assertThat(names).containsExactlyInAnyOrderElementsOf(
        Architectures.trainable().stream().flatMap(family -> family.presets().names().stream()).toList());
  }
}
