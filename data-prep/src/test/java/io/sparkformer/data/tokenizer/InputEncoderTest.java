package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.tokenizer.InputEncoder.Encoded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputEncoderTest {

  private static final String DEFINITION = """
      {"version": "1.0", "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
       "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0,
         "pad_token": "[PAD]"}, "added_tokens": [], "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
         {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
         "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
         {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
         {"SpecialToken": {"id": "[SEP]", "type_id": 1}}], "special_tokens": {
         "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
       "decoder": null, "model": {"type": "WordLevel", "unk_token": "[UNK]",
         "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "one": 4, "two": 5, "three": 6}}}
      """;

  @TempDir
  private Path folder;

  private InputEncoder encoder(String definition) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), definition);
    return InputEncoder.load(new Configuration(), new org.apache.hadoop.fs.Path(file.toString()));
  }

  @Test
  void specialTokensStandAroundATextHoweverShortItIsCut() throws IOException {
    try (InputEncoder encoder = encoder(DEFINITION)) {
      List<String> texts = List.of("One two THREE nine two", "one", "");
      List<Encoded> whole = encoder.encode(texts, 100);
      assertThat(whole).extracting(Encoded::ids)
          .containsExactly(new int[] {2, 4, 5, 6, 1, 5, 3}, new int[] {2, 4, 3}, new int[] {2, 3});
      assertThat(whole).extracting(Encoded::textTokens).containsExactly(5, 1, 0);
      assertThat(whole).extracting(Encoded::cutOff).containsExactly(0, 0, 0);
      List<Encoded> cut = encoder.encode(texts, 4);
      assertThat(cut).extracting(Encoded::ids).containsExactly(new int[] {2, 4, 5, 3}, new int[] {2, 4, 3}, new int[] {2, 3});
      assertThat(cut.get(0).textTokens()).isEqualTo(2);
      assertThat(cut.get(0).cutOff()).isEqualTo(3);
      assertThatThrownBy(() -> encoder.encode(texts, 2)).isInstanceOf(InvalidInputException.class)
          .hasMessage("the longest text may have 2 tokens, and the tokenizer adds 2 special ones; allow more");
    }
  }

  @Test
  void pairsHaveTheirTypesAndLoseTheEndOfTheLongerText() throws IOException {
    try (InputEncoder encoder = encoder(DEFINITION)) {
      List<List<String>> pairs = List.of(List.of("one two three one", "two"), List.of("one", "two two two"), List.of("", "three"));
      List<Encoded> whole = encoder.encodeTexts(pairs, 100);
      assertThat(whole).extracting(Encoded::ids).containsExactly(new int[] {2, 4, 5, 6, 4, 3, 5, 3}, new int[] {2, 4, 3, 5, 5, 5, 3},
          new int[] {2, 3, 6, 3});
      assertThat(whole).extracting(Encoded::types).containsExactly(new int[] {0, 0, 0, 0, 0, 0, 1, 1}, new int[] {0, 0, 0, 1, 1, 1, 1},
          new int[] {0, 0, 1, 1});
      List<Encoded> cut = encoder.encodeTexts(pairs, 6);
      assertThat(cut).extracting(Encoded::ids).containsExactly(new int[] {2, 4, 5, 3, 5, 3}, new int[] {2, 4, 3, 5, 5, 3},
          new int[] {2, 3, 6, 3});
      assertThat(cut).extracting(Encoded::types).containsExactly(new int[] {0, 0, 0, 0, 1, 1}, new int[] {0, 0, 0, 1, 1, 1},
          new int[] {0, 0, 1, 1});
      assertThat(cut).extracting(Encoded::cutOff).containsExactly(2, 1, 0);
      assertThat(cut).extracting(Encoded::textTokens).containsExactly(3, 3, 1);
      assertThat(encoder.encodeTexts(List.of(List.of("one two three", "two three one")), 6).get(0).ids())
          .containsExactly(2, 4, 3, 5, 6, 3);
      assertThatThrownBy(() -> encoder.encodePairs(List.of("one"), List.of("two"), 3)).isInstanceOf(InvalidInputException.class)
          .hasMessage("the longest text may have 3 tokens, and the tokenizer adds 3 special ones; allow more");
    }
  }

  @Test
  void singleTextsHaveNoTypes() throws IOException {
    try (InputEncoder encoder = encoder(DEFINITION)) {
      List<Encoded> encoded = encoder.encodeTexts(List.of(List.of("one"), List.of("two three")), 9);
      assertThat(encoded).extracting(Encoded::ids).containsExactly(new int[] {2, 4, 3}, new int[] {2, 5, 6, 3});
      assertThat(encoded).allSatisfy(each -> assertThat(each.types()).isEmpty());
      assertThat(encoder.encodeTexts(List.of(), 9)).isEmpty();
    }
  }

  @Test
  void whatIsNoTokenizerIsRefused() {
    assertThatThrownBy(() -> encoder("{\"model\": {}}")).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is not a tokenizer.json: it holds no model.vocab");
    assertThatThrownBy(() -> encoder("{")).isInstanceOf(InvalidInputException.class).hasMessageContaining("is not JSON");
    assertThatThrownBy(() -> InputEncoder.load(new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("none").toString())))
        .isInstanceOf(InvalidInputException.class).hasMessageContaining("does not exist; if the model has only vocab.txt");
  }
}
