package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PreTokenizerTest {

  @Test
  void wordsAreThoseOfTheExpressionOfGpt2() {
    assertThat(words("Hello world, it's 1984!")).containsExactly("Hello", " world", ",", " it", "'s", " 1984", "!");
    assertThat(words("we'll'S")).containsExactly("we", "'ll", "'", "S");
    assertThat(words("a  b \t\n c  ")).containsExactly("a", " ", " b", " \t\n", " c", "  ");
    assertThat(words("a\tb")).containsExactly("a", "\t", "b");
    assertThat(words(" 's !'s")).containsExactly(" '", "s", " !'", "s");
    assertThat(words("")).isEmpty();
  }

  @Test
  void wordsAreThoseOfTheNativeLibraryForAnyText() {
    BpeModel bytesOnly = BpeTrainer.train(WordCounts.of(Map.of()), BpeModel.SMALLEST, 1);
    // Without merges every byte is a token; the special tokens' texts are words like others once they are no added tokens.
    String json = TokenizerFile.json(bytesOnly).replaceAll("(?s)\"added_tokens\" : \\[.*?\\]", "\"added_tokens\" : []");
    Random random = new Random(17);
    try (NativeTokenizer library = new NativeTokenizer(json)) {
      for (int round = 0; round < 1000; round++) {
        String text = round % 2 == 0 ? RandomText.ofPieces(random, 30) : RandomText.ofCodePoints(random, 40);
        assertThat(words(text)).as(text).isEqualTo(nativeWords(library, text));
      }
    }
  }

  @Test
  void loneSurrogatesCountAsTheReplacementCharacter() {
    assertThat(words("a\ud83d b\ude00")).containsExactly("a", "\ufffd", " b", "\ufffd");
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    PreTokenizer.split(text, words::add);
    return words;
  }

  private static List<String> nativeWords(NativeTokenizer library, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long[] wordOfByte = library.wordOfToken(text);
    assertThat(wordOfByte).hasSameSizeAs(bytes);
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= bytes.length; i++) {
      if (i == bytes.length || wordOfByte[i] != wordOfByte[start]) {
        words.add(new String(bytes, start, i - start, StandardCharsets.UTF_8));
        start = i;
      }
    }
    return words;
  }
}
