package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SentinelsTest {

  @Test
  void standBehindTheVocabularyAndAreNoText() {
    String plain = TokenizerFile.json(BpeTrainer.train(WordCounts.of(Map.of("hello", 3L, "hell", 2L)), 263, 2));
    assertThat(Sentinels.added(plain, 0)).isSameAs(plain);
    try (Tokenizer without = Tokenizer.parse(plain, "test"); Tokenizer with = Tokenizer.parse(Sentinels.added(plain, 3), "test")) {
      int entries = without.vocabularySize();
      assertThat(with.vocabularySize()).isEqualTo(entries + 3);
      for (String text : List.of("hello hell", "<extra_id_0> hello<extra_id_2>")) {
        assertThat(with.encode(text)).isEqualTo(without.encode(text));
      }
      int[] hello = with.encode("hello");
      int[] around = IntStream.concat(IntStream.of(entries + 2), IntStream.concat(IntStream.of(hello), IntStream.of(entries))).toArray();
      assertThat(with.decode(around)).isEqualTo("hello");
      assertThat(Sentinels.added(plain, 3)).containsSubsequence("\"id\" : " + entries, "<extra_id_2>", "\"id\" : " + (entries + 2),
          "<extra_id_0>");
    }
  }
}
