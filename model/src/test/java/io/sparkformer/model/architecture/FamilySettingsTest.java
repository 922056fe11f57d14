package io.sparkformer.model.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FamilySettingsTest {
  private static final SpecialTokens TOKENS = new SpecialTokens(0, 1, 2);

  @Test
  void keysReplaceThoseOfThePreset() {
    FamilySettings settings = new FamilySettings("gpt2", "gpt2-medium",
        Map.of("n_layer", 2L, "n_embd", 64L, "n_head", 4L, "activation_function", "relu", "label_smoothing", 0.1));
    ModelConfig config = settings.config(300, new SpecialTokens(SpecialTokens.NONE, 5, 6), 7);
    NetworkConfig network = config.network();
    assertThat(network.decoder().layers()).hasSize(2);
    assertThat(network.width()).isEqualTo(64);
    assertThat(network.decoder().layers().get(0).feedForward().inner()).isEqualTo(256);
    assertThat(network.decoder().layers().get(0).feedForward().activation()).isEqualTo(Activation.RELU);
    assertThat(network.vocabulary()).isEqualTo(300);
    assertThat(network.seed()).isEqualTo(7);
    assertThat(config.json().path("bos_token_id").asInt()).isEqualTo(5);
    assertThat(config.json().path("eos_token_id").asInt()).isEqualTo(6);
    assertThat(config.json().has("pad_token_id")).isFalse();
    assertThat(settings.lengthKey()).isEqualTo("gpt2.n_positions");
  }

  @Test
  void decodersThatBeginWithPaddingNeedIt() {
    FamilySettings t5 = FamilySettings.preset("t5-small");
    assertThat(t5.config(100, new SpecialTokens(3, SpecialTokens.NONE, 1), 1).json().path("decoder_start_token_id").asInt()).isEqualTo(3);
    assertThatThrownBy(() -> t5.config(100, new SpecialTokens(SpecialTokens.NONE, 1, 2), 1))
        .hasMessageContaining("t5 begins a translation with the padding token, which the tokenizer lacks");
  }

  @Test
  void mistakesListWhatThereIs() {
    String families = String.join(", ", Architectures.trainable().stream().map(Architecture::modelType).toList());
    assertThat(families).contains("bert, ").contains("gpt2, ").contains("marian, mistral, ");
    assertThatThrownBy(() -> new FamilySettings("gpt3", "gpt2", Map.of()))
        .hasMessage("Invalid architecture: gpt3 (must be one of " + families + ")");
    assertThatThrownBy(() -> new FamilySettings("gpt2", "gpt3", Map.of()))
        .hasMessage("Invalid preset: gpt3 (presets of gpt2: gpt2, gpt2-medium, gpt2-large, gpt2-xl)");
    assertThatThrownBy(() -> FamilySettings.preset("gpt3")).hasMessageContaining("bert-base").hasMessageContaining("t5-small");
    assertThatThrownBy(() -> new FamilySettings("gpt2", "gpt2", Map.of("n_layers", 3L)))
        .hasMessageContaining("gpt2 has no such key; it has n_embd, n_layer, n_head");
    assertThatThrownBy(() -> new FamilySettings("gpt2", "gpt2", Map.of("n_head", 7L)))
        .isInstanceOfSatisfying(InvalidValueException.class, e -> assertThat(e.key()).isEqualTo("n_head"))
        .hasMessage("config.json: n_head = 7 must divide n_embd, 768; try 8");
    assertThatThrownBy(() -> new FamilySettings("bert", "bert-base", Map.of("hidden_act", "swiglu")))
        .isInstanceOfSatisfying(InvalidValueException.class, e -> assertThat(e.key()).isEqualTo("hidden_act"));
  }

  @Test
  void everyPresetDescribesANetwork() {
    assertThat(Architectures.trainable()).hasSizeGreaterThanOrEqualTo(7).allSatisfy(family -> {
      for (String name : family.presets().names()) {
        assertThat(FamilySettings.preset(name).architecture()).isEqualTo(family.modelType());
      }
    });
  }

  @Test
  void nearestDivisorIsSuggested() {
    assertThat(List.of(Widths.mustDivide("d-model", 512, 7), Widths.mustDivide("d-model", 6, 4), Widths.mustDivide("d-model", 9, 0)))
        .containsExactly("must divide d-model, 512; try 8", "must divide d-model, 6; try 3", "must divide d-model, 9; try 1");
  }
}
