package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * A unigram language model of byte strings (Kudo 2018, section 3.2): a word is cut into the tokens whose probabilities have the largest
 * product.
 *
 * @param tokens text by token id, in the symbols of GPT-2's byte alphabet: the special tokens, the 256 bytes, then the others, the most
 *     probable first
 * @param scores logarithm of the probability of each token, in nats; of special tokens so low that no text becomes one
 */
public record UnigramModel(List<String> tokens, List<Double> scores) implements SubwordModel {

  /** Far below the score of any text. */
  static final double NEVER = -1e6;

  public UnigramModel {
    tokens = List.copyOf(tokens);
    scores = List.copyOf(scores);
  }

  @Override
  public String summary() {
    return String.format(Locale.ROOT, "%,d entries with probabilities", tokens.size());
  }

  @Override
  public void writeModel(JsonGenerator json) throws IOException {
    json.writeStringField("type", "Unigram");
    json.writeNumberField("unk_id", SpecialToken.UNKNOWN.id());
    json.writeBooleanField("byte_fallback", false);
    json.writeArrayFieldStart("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      json.writeStartArray();
      json.writeString(tokens.get(id));
      json.writeNumber(scores.get(id));
      json.writeEndArray();
    }
    json.writeEndArray();
  }
}
