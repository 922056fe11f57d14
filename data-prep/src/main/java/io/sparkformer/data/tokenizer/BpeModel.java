package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * A trained byte-level BPE vocabulary: what {@link BpeTrainer} makes and {@link TokenizerFile} writes.
 *
 * @param tokens text by token id, in the symbols of GPT-2's byte alphabet: the special tokens, the 256 bytes, then the merged ones
 * @param merges in the order in which they are applied, most frequent first
 */
public record BpeModel(List<String> tokens, List<Merge> merges) implements SubwordModel {

  /** Entries that every vocabulary holds: the special tokens and the bytes. */
  public static final int SMALLEST = SpecialToken.count() + ByteAlphabet.SIZE;

  public BpeModel {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
  }

  @Override
  public String summary() {
    return String.format(Locale.ROOT, "%,d entries, %,d merges", tokens.size(), merges.size());
  }

  @Override
  public void writeModel(JsonGenerator json) throws IOException {
    json.writeStringField("type", "BPE");
    json.writeNullField("dropout");
    json.writeStringField("unk_token", SpecialToken.UNKNOWN.text());
    json.writeNullField("continuing_subword_prefix");
    json.writeNullField("end_of_word_suffix");
    json.writeBooleanField("fuse_unk", false);
    json.writeBooleanField("byte_fallback", false);
    json.writeBooleanField("ignore_merges", false);
    SubwordModel.writeVocabulary(json, tokens);
    json.writeArrayFieldStart("merges");
    for (Merge merge : merges) {
      json.writeString(tokens.get(merge.left()) + " " + tokens.get(merge.right()));
    }
    json.writeEndArray();
  }

  static void checkVocabularySize(int vocabularySize) {
    if (vocabularySize < SMALLEST) {
      throw new InvalidInputException("prepare.tokenizer.vocabulary must be at least " + SMALLEST + " (" + SpecialToken.count()
        + " special tokens and " + ByteAlphabet.SIZE + " bytes): found " + vocabularySize + "; try 8000");
    }
  }
}
