package io.sparkformer.data.tokenizer;

import io.sparkformer.data.InvalidInputException;
import java.util.function.Consumer;

/** How a vocabulary of parts of words is learnt. */
public enum SubwordAlgorithm {

  /** Byte-level BPE: the most frequent pair of neighbours becomes one token, again and again. */
  BPE {
    @Override
    public SubwordModel train(WordCounts words, int vocabularySize, long minFrequency) {
      return BpeTrainer.train(words, vocabularySize, minFrequency);
    }
  },

  /** A unigram language model over bytes: see {@link UnigramTrainer}. */
  UNIGRAM {
    @Override
    public SubwordModel train(WordCounts words, int vocabularySize, long minFrequency) {
      return UnigramTrainer.train(words, vocabularySize, minFrequency);
    }
  },

  /** BERT's WordPiece: learnt as BPE over characters, as Hugging Face's trainer does. */
  WORDPIECE {
    @Override
    void split(String text, Consumer<String> words) {
      BertWords.split(text, words);
    }

    @Override
    public int smallestVocabulary() {
      return SMALLEST_OF_CHARACTERS;
    }

    @Override
    public SubwordModel train(WordCounts words, int vocabularySize, long minFrequency) {
      return BpeTrainer.trainWordPiece(words, vocabularySize, minFrequency);
    }
  };

  /** Room for the special tokens, some characters in both forms, and some merges. */
  private static final int SMALLEST_OF_CHARACTERS = 20;

  /** The fewest entries of a vocabulary: special tokens and the symbols that it begins with. */
  public int smallestVocabulary() {
    return BpeModel.SMALLEST;
  }

  /** Passes on the words of a text, within which tokens are made. */
  void split(String text, Consumer<String> words) {
    PreTokenizer.split(text, words);
  }

  /**
   * Learns a vocabulary of exactly the size asked for; the result depends on the counts alone.
   *
   * @param words of this algorithm, as {@link WordCounter} counts them
   * @param vocabularySize entries, special tokens included
   * @param minFrequency occurrences that what becomes a token needs at least, at least 1
   * @throws InvalidInputException if the words cannot give so many entries, or the size leaves no room for the symbols
   */
  public abstract SubwordModel train(WordCounts words, int vocabularySize, long minFrequency);
}
