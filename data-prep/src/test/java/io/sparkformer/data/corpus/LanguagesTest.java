package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanguagesTest {

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
    eng | The house stood at the end of the lane. Nobody had lived in it for years, and the garden was full of roses.
    deu | Das Haus stand am Ende der Straße. Seit Jahren hatte niemand darin gewohnt, und der Garten war voller Rosen.
    fra | La maison se trouvait au bout du chemin. Personne n'y habitait depuis des années, et le jardin était plein de roses.
    spa | La casa estaba al final del camino. Nadie había vivido en ella durante años, y el jardín estaba lleno de rosas.
    rus | Дом стоял в конце переулка. Много лет в нём никто не жил, и сад был полон роз.
    pol | Dom stał na końcu drogi. Od lat nikt w nim nie mieszkał, a ogród był pełen róż.
    """)
  void languagesAreRecognized(String code, String text) {
    assertThat(Languages.recognized(text)).isEqualTo(code);
    assertThat(Languages.of(List.of("en", "deu", "fr", "spa", "ru", "pl")).areOf(text)).isTrue();
    assertThat(Languages.of(List.of("it", "por")).areOf(text)).isFalse();
  }

  @Test
  void whatIsNoKnownLanguageIsNamed() {
    assertThatThrownBy(() -> Languages.of(List.of("en", "klingon"))).isInstanceOf(IllegalArgumentException.class)
      .hasMessageStartingWith("klingon is no language that can be recognized; choose of afr ").hasMessageContaining(" deu ");
  }
}
