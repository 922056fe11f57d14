package io.sparkformer.data.tokenizer;

import io.sparkformer.data.InvalidInputException;
import java.util.List;

/**
 * A trained byte-level BPE vocabulary: what {@link BpeTrainer} makes and {@link TokenizerFile} writes.
 *
 * @param tokens text by token id, in the symbols of GPT-2's byte alphabet: the special tokens, the 256 bytes, then the merged ones
 * @param merges in the order in which they are applied, most frequent first
 */
public record BpeModel(List<String> tokens, List<Merge> merges) {

  /** Entries that every vocabulary holds: the special tokens and the bytes. */
  public static final int SMALLEST = SpecialToken.count() + ByteAlphabet.SIZE;

  public BpeModel {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
  }

  static void checkVocabularySize(int vocabularySize) {
    if (vocabularySize < SMALLEST) {
      throw new InvalidInputException("prepare.tokenizer.vocabulary must be at least " + SMALLEST + " (" + SpecialToken.count()
        + " special tokens and " + ByteAlphabet.SIZE + " bytes): found " + vocabularySize + "; try 8000");
    }
  }
}
