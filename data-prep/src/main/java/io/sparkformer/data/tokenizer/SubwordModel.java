package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;

/** A trained vocabulary of parts of words: what a trainer makes and {@link TokenizerFile} writes. */
public sealed interface SubwordModel permits BpeModel, UnigramModel, WordPieceModel {

  /** Text by token id, the special tokens first. */
  List<String> tokens();

  /** One line for people: what was learnt. */
  String summary();

  /**
   * Writes the fields {@code normalizer} and {@code pre_tokenizer}: what happens to text before it is cut into tokens. Of a byte-level
   * vocabulary: it becomes bytes.
   */
  default void writePreparation(JsonGenerator json) throws IOException {
    json.writeNullField("normalizer");
    writeByteLevel(json, "pre_tokenizer");
  }

  /** Writes the field {@code decoder}: how the texts of tokens become text. Those of a byte-level vocabulary are bytes. */
  default void writeDecoder(JsonGenerator json) throws IOException {
    writeByteLevel(json, "decoder");
  }

  /** Writes the content of the field {@code model}. */
  void writeModel(JsonGenerator json) throws IOException;

  /** Text as bytes, for a field: every text comes back exactly. */
  private static void writeByteLevel(JsonGenerator json, String field) throws IOException {
    json.writeObjectFieldStart(field);
    json.writeStringField("type", "ByteLevel");
    json.writeBooleanField("add_prefix_space", false);
    json.writeBooleanField("trim_offsets", false);
    json.writeBooleanField("use_regex", true);
    json.writeEndObject();
  }

  /** Writes the field {@code vocab} as an object of token texts and ids. */
  static void writeVocabulary(JsonGenerator json, List<String> tokens) throws IOException {
    json.writeObjectFieldStart("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      json.writeNumberField(tokens.get(id), id);
    }
    json.writeEndObject();
  }
}
