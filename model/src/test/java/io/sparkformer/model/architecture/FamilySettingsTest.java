package io.sparkformer.model.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FamilySettingsTest {
  private static final SpecialTokens TOKENS = new SpecialTokens(0, 1, 2);

  /** The numbers of the models on the Hub; Marian's with its final_logits_bias and without the table of sines. */
  @ParameterizedTest
  @CsvSource({
      "gpt2, 124439808", "gpt2-medium, 354823168", "gpt2-large, 774030080", "gpt2-xl, 1557611200",
      "bert-base, 109514298", "bert-large, 335174458",
      "t5-small, 60506624", "t5-base, 222903552", "t5-large, 737668096", "t5-v1_1-small, 76961152", "t5-v1_1-base, 247577856",
      "t5-v1_1-large, 783150080",
      "llama-7b, 6738415616", "llama-13b, 13015864320", "llama-30b, 32528943616", "llama-65b, 65285660672", "llama-2-7b, 6738415616",
      "llama-2-70b, 68976648192", "smollm2-135m, 134515008", "mistral-7b, 7241732096",
      "falcon-7b, 6921720704", "falcon-40b, 41303293952", "falcon-rw-1b, 1311625216",
      "opt-125m, 125239296", "opt-1.3b, 1315758080", "opt-6.7b, 6658473984", "roberta-base, 124697433", "roberta-large, 355412057",
      "marian, 73944309"})
  void presetsHaveTheParametersOfThePublishedModels(String name, long parameters) {
    FamilySettings preset = FamilySettings.preset(name);
    ModelConfig config = preset.config(preset.publishedVocabulary(), TOKENS, 1);
    assertThat(config.tensors().stream().mapToLong(tensor -> tensor.shape().stream().reduce(1L, Math::multiplyExact)).sum())
        .isEqualTo(parameters);
  }

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
