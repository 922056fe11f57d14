package io.sparkformer.data.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The most frequent characters of words, in the two forms of WordPiece: at the beginning of a word, and with {@link WordPieceModel#PREFIX}
 * within one. Words with other characters are left out: WordPiece calls them unknown as a whole.
 */
final class CharacterAlphabet implements Alphabet {

  /** As Hugging Face's trainer has it. */
  private static final int MOST_CHARACTERS = 1000;

  private final List<String> symbols = new ArrayList<>();
  private final Map<Integer, Integer> first = new HashMap<>();
  private final Map<Integer, Integer> inner = new HashMap<>();

  private CharacterAlphabet() {
  }

  /**
   * @param vocabularySize at most two thirds of it become characters
   */
  static CharacterAlphabet of(WordCounts words, int vocabularySize) {
    Map<Integer, long[]> counts = new HashMap<>();
    Map<Integer, boolean[]> places = new HashMap<>();
    for (int word = 0; word < words.size(); word++) {
      int[] characters = words.text(word).codePoints().toArray();
      for (int i = 0; i < characters.length; i++) {
        counts.computeIfAbsent(characters[i], absent -> new long[1])[0] += words.count(word);
        places.computeIfAbsent(characters[i], absent -> new boolean[2])[i == 0 ? 0 : 1] = true;
      }
    }
    List<Integer> frequent = counts.keySet().stream().sorted(Comparator.<Integer>comparingLong(character -> -counts.get(character)[0])
      .thenComparing(Comparator.naturalOrder())).limit(Math.min(MOST_CHARACTERS, vocabularySize / 3)).toList();
    CharacterAlphabet alphabet = new CharacterAlphabet();
    for (int inWord = 0; inWord < 2; inWord++) {
      for (int character : new TreeSet<>(frequent)) {
        if (places.get(character)[inWord]) {
          (inWord == 0 ? alphabet.first : alphabet.inner).put(character, alphabet.symbols.size());
          alphabet.symbols.add((inWord == 0 ? "" : WordPieceModel.PREFIX) + Character.toString(character));
        }
      }
    }
    return alphabet;
  }

  @Override
  public List<String> symbols() {
    return symbols;
  }

  @Override
  public int write(WordCounts words, int word, int[] into, int at) {
    int[] characters = words.text(word).codePoints().toArray();
    for (int i = 0; i < characters.length; i++) {
      Integer symbol = (i == 0 ? first : inner).get(characters[i]);
      if (symbol == null) {
        return 0;
      }
      into[at + i] = symbol;
    }
    return characters.length;
  }

  @Override
  public String joined(String left, String right) {
    return left + right.substring(WordPieceModel.PREFIX.length());
  }

  @Override
  public String description() {
    return symbols.size() + " characters";
  }
}
