package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTextsTest {
  @TempDir
  private Path folder;

  @Test
  void byteLevelSymbolsBecomeTextAgain() throws IOException {
    TokenTexts texts = load("""
        {"added_tokens": [{"id": 9, "content": "<|endoftext|>"}], "decoder": {"type": "Sequence", "decoders": [{"type": "ByteLevel"}]},
         "model": {"type": "BPE", "vocab": {"Ġhouse": 0, "Ã¼ber": 1, "Ã": 2, "xâĤ¬": 3, "Ċ": 4, "âĤab": 5}}}
        """);
    assertThat(texts.of(0)).isEqualTo("▁house");
    assertThat(texts.of(1)).isEqualTo("über");
    assertThat(texts.of(2)).isEqualTo("\\xC3");
    assertThat(texts.of(3)).isEqualTo("x€");
    assertThat(texts.of(4)).isEqualTo("↵");
    assertThat(texts.of(5)).isEqualTo("\\xE2\\x82ab");
    assertThat(texts.of(9)).isEqualTo("<|endoftext|>");
    assertThat(texts.of(8)).isEqualTo("#8");
  }

  @Test
  void otherVocabulariesAreShownAsTheyAre() throws IOException {
    TokenTexts unigram = load("""
        {"added_tokens": [], "pre_tokenizer": {"type": "Metaspace"}, "model": {"type": "Unigram", "vocab": [["<pad>", 0.0], ["▁Ġa", -3.5]]}}
        """);
    assertThat(unigram.of(1)).isEqualTo("▁Ġa");
    TokenTexts wordPiece = load("{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"##s\": 0}}}");
    assertThat(wordPiece.of(0)).isEqualTo("##s");
  }

  @Test
  void aMissingOrDamagedFileIsNamed() throws IOException {
    assertThatThrownBy(() -> load("{\"model\"")).isInstanceOf(InvalidInputException.class).hasMessageContaining("cannot be read");
    Files.delete(folder.resolve("tokenizer.json"));
    assertThatThrownBy(() -> TokenTexts.load(new Configuration(), path())).isInstanceOf(InvalidInputException.class)
        .hasMessage("tokenizer " + path() + " does not exist");
  }

  private TokenTexts load(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json);
    return TokenTexts.load(new Configuration(), path());
  }

  private org.apache.hadoop.fs.Path path() {
    return new org.apache.hadoop.fs.Path(folder.resolve("tokenizer.json").toUri());
  }
}
