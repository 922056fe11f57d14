package io.sparkformer.data.tokenizer;

/** Which tokens other programs that use a {@code tokenizer.json} add to a text's tokens; {@link Tokenizer} itself adds none. */
public enum PostProcessor {
  /** None: for running text. */
  NONE,
  /** The end token after every text, for translation models: {@code $A </s>}, and {@code $A </s> $B </s>} for pairs. */
  END_TOKEN
}
