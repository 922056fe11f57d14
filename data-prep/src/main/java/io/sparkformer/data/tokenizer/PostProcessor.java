package io.sparkformer.data.tokenizer;

/** What other users of a {@code tokenizer.json} get around a text's tokens; {@link Tokenizer} itself adds nothing. */
public enum PostProcessor {
  /** Nothing: running text, which goes on. */
  NONE,
  /** The end token behind every text, as translation models are trained with: {@code $A </s>}, and {@code $A </s> $B </s>} for pairs. */
  END_TOKEN
}
