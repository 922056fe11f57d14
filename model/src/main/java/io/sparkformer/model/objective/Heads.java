package io.sparkformer.model.objective;

/** Names of the heads that objectives have labels for. */
final class Heads {
  static final String VOCABULARY = "vocabulary";
  static final String SEQUENCE_CLASS = "sequence-class";
  static final String TOKEN_CLASS = "token-class";
  static final String SPAN = "span";

  private Heads() {}
}
