package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * A WordPiece vocabulary as BERT has it (Devlin et al. 2019): words are what stands between white space and punctuation ({@link
 * BertWords}); a word is cut into the longest entries from left to right, and one that has a character which the vocabulary lacks is
 * unknown as a whole. White space does not come back exactly.
 *
 * @param tokens text by token id: the special tokens, the characters, then the merged ones; what does not begin a word has {@link #PREFIX}
 */
public record WordPieceModel(List<String> tokens) implements SubwordModel {

  /** Before the text of a token that goes on with a word. */
  public static final String PREFIX = "##";

  private static final int LONGEST_WORD = 100;

  public WordPieceModel {
    tokens = List.copyOf(tokens);
  }

  @Override
  public String summary() {
    return String.format(Locale.ROOT, "%,d entries, %,d of them go on with a word", tokens.size(),
      tokens.stream().filter(token -> token.startsWith(PREFIX)).count());
  }

  @Override
  public void writePreparation(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("normalizer");
    json.writeStringField("type", "BertNormalizer");
    json.writeBooleanField("clean_text", true);
    json.writeBooleanField("handle_chinese_chars", true);
    json.writeBooleanField("strip_accents", false);
    json.writeBooleanField("lowercase", false);
    json.writeEndObject();
    json.writeObjectFieldStart("pre_tokenizer");
    json.writeStringField("type", "BertPreTokenizer");
    json.writeEndObject();
  }

  @Override
  public void writeDecoder(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("decoder");
    json.writeStringField("type", "WordPiece");
    json.writeStringField("prefix", PREFIX);
    json.writeBooleanField("cleanup", true);
    json.writeEndObject();
  }

  @Override
  public void writeModel(JsonGenerator json) throws IOException {
    json.writeStringField("type", "WordPiece");
    json.writeStringField("unk_token", SpecialToken.UNKNOWN.text());
    json.writeStringField("continuing_subword_prefix", PREFIX);
    json.writeNumberField("max_input_chars_per_word", LONGEST_WORD);
    SubwordModel.writeVocabulary(json, tokens);
  }
}
