package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordPieceTest {

  private static final List<String> WORDS = List.of("walk", "walking", "walked", "talking", "talked", "straße", ".", "写", "k", "linking",
    "dealing", "landed", "lake", "lane", "gain", "tangle", "age", "glad", "eagle", "nail", "king", "kneel", "knead", "wading", "dagger");
  private static final WordPieceModel MODEL = (WordPieceModel) SubwordAlgorithm.WORDPIECE.train(counts(), 60, 1);

  @Test
  void entriesAreCharactersInBothFormsAndMerges() {
    assertThat(MODEL.tokens()).hasSize(60).doesNotHaveDuplicates()
      .startsWith("<pad>", "<s>", "</s>", "<unk>", "<mask>").contains(".", "w", "##a", "k", "##k", "walk", "##ing", "##ed")
      // No word begins with it, or goes on with it.
      .doesNotContain("i", "##w", "##写");
  }

  @Test
  void theLibraryCutsWordsIntoTheLongestEntries() {
    List<String> texts = new ArrayList<>(List.of("walking, talked. kk walkingtalking!", "写写walk", "", "  \n straße\tstraße "));
    Random random = new Random(9);
    String letters = "walkingedt";
    IntStream.range(0, 200).forEach(i -> texts.add(random.ints(30, -4, letters.length())
      .mapToObj(at -> at < 0 ? " " : "" + letters.charAt(at)).reduce("", String::concat)));
    try (Tokenizer tokenizer = Tokenizer.parse(TokenizerFile.json(MODEL), "test")) {
      for (String text : texts) {
        List<String> pieces = new ArrayList<>();
        BertWords.split(text, word -> pieces.addAll(longestFirst(word)));
        assertThat(tokenizer.encode(text)).as(text).containsExactly(pieces.stream().mapToInt(MODEL.tokens()::indexOf).toArray());
      }
      assertThat(tokenizer.decode(tokenizer.encode("walking  talked. "))).isEqualTo("walking talked.");
    }
  }

  /** Hugging Face's normalizer and pre-tokenizer, which see every character of the text; a vocabulary of characters shows the cuts. */
  @Test
  void wordsAreCutWhereTheLibraryCutsThem() {
    Random random = new Random(2);
    List<String> texts = IntStream.range(0, 300).mapToObj(i -> i % 2 == 0 ? RandomText.ofPieces(random, 20)
      : "ab" + RandomText.ofPieces(random, 3) + "cd" + Character.toString(0x20 + random.nextInt(0x3000)) + "ef").toList();
    Set<String> entries = new LinkedHashSet<>(SpecialToken.texts());
    texts.forEach(text -> text.codePoints().mapToObj(Character::toString)
      .forEach(character -> entries.addAll(List.of(character, WordPieceModel.PREFIX + character))));
    WordPieceModel model = new WordPieceModel(List.copyOf(entries));
    try (Tokenizer tokenizer = Tokenizer.parse(TokenizerFile.json(model), "test")) {
      for (String text : texts) {
        List<String> words = new ArrayList<>();
        BertWords.split(text, words::add);
        int begins = 0;
        for (int id : tokenizer.encode(text)) {
          begins += model.tokens().get(id).startsWith(WordPieceModel.PREFIX) ? 0 : 1;
        }
        assertThat(begins).as(text + words).isEqualTo(words.size());
      }
    }
  }

  private static WordCounts counts() {
    Map<String, Long> counts = new HashMap<>();
    WORDS.forEach(word -> counts.put(word, (long) (WORDS.size() - WORDS.indexOf(word))));
    return WordCounts.of(counts);
  }

  private static List<String> longestFirst(String word) {
    List<String> pieces = new ArrayList<>();
    for (int begin = 0; begin < word.length();) {
      int end = word.length();
      while (end > begin && !MODEL.tokens().contains((begin == 0 ? "" : "##") + word.substring(begin, end))) {
        end--;
      }
      if (end == begin) {
        return List.of("<unk>");
      }
      pieces.add((begin == 0 ? "" : "##") + word.substring(begin, end));
      begin = end;
    }
    return pieces;
  }
}
