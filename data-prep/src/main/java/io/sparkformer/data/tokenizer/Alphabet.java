package io.sparkformer.data.tokenizer;

import java.util.List;

/** The symbols that {@link BpeTrainer} begins with. */
interface Alphabet {

  /** Their texts, in the order of their token ids. */
  List<String> symbols();

  /**
   * Writes a word's symbols.
   *
   * @param word its number
   * @param into gets the places of the symbols among {@link #symbols()}
   * @param at where the first one is written; there is room for as many as the word has bytes
   * @return how many symbols the word has; 0 to leave it out
   */
  int write(WordCounts words, int word, int[] into, int at);

  /** The text of a token that two others make. */
  String joined(String left, String right);

  /** How messages call the symbols: {@code 256 bytes}. */
  String description();

  /** The 256 bytes, in the symbols of GPT-2's alphabet. */
  Alphabet BYTES = new Alphabet() {
    private final int[] rankOfByte = ByteAlphabet.rankOfByte();

    @Override
    public List<String> symbols() {
      return ByteAlphabet.symbols();
    }

    @Override
    public int write(WordCounts words, int word, int[] into, int at) {
      for (int i = words.start(word); i < words.end(word); i++) {
        into[at + i - words.start(word)] = rankOfByte[words.byteAt(i)];
      }
      return words.end(word) - words.start(word);
    }

    @Override
    public String joined(String left, String right) {
      return left + right;
    }

    @Override
    public String description() {
      return ByteAlphabet.SIZE + " bytes";
    }
  };
}
