package io.sparkformer.jobs.evaluate;

import io.sparkformer.data.InvalidInputException;
import java.util.List;

/** How BLEU divides a segment into words. */
public enum WordTokenization {

  /** As mteval-v13a and sacreBLEU's default ({@link Tokenizer13a}): for text as people write it. */
  V13A("13a") {
    @Override
    List<String> tokenize(String segment) {
      return Tokenizer13a.tokenize(Whitespace.stripEnd(segment));
    }
  },
  /** At whitespace alone: for text that is tokenized already. */
  NONE("none") {
    @Override
    List<String> tokenize(String segment) {
      return Whitespace.split(segment);
    }
  };

  private final String signature;

  WordTokenization(String signature) {
    this.signature = signature;
  }

  /** The tokenization with this signature, {@code 13a} or {@code none}. */
  public static WordTokenization of(String signature) {
    for (WordTokenization tokenization : values()) {
      if (tokenization.signature.equals(signature)) {
        return tokenization;
      }
    }
    throw new InvalidInputException("unknown tokenization: " + signature + "; there are 13a and none");
  }

  /** Its name in BLEU's signature. */
  public String signature() {
    return signature;
  }

  abstract List<String> tokenize(String segment);
}
