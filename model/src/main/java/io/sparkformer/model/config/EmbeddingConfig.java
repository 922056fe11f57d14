package io.sparkformer.model.config;

/**
 * The start of a stack: {@code dropout(norm(scale * table[id] + types[type] + position))}.
 *
 * @param table name of the parameter {@code [vocabulary, width]}; places that name the same parameter share it
 * @param paddingId the token whose row gets no gradient from being looked up (PyTorch's {@code padding_idx}); -1 for none
 * @param scale what embeddings are multiplied by: the square root of the width in the paper (section 3.4), 1 in most later families
 * @param positions what is added for the position
 * @param tokenTypes rows of a table of token types (BERT's segments), which is added too; 0 for none
 * @param norm of the sum; null for none
 * @param dropout probability of dropping an element, in [0, 1)
 */
public record EmbeddingConfig(String table, int paddingId, double scale, EmbeddingPositions positions, int tokenTypes, NormConfig norm,
    double dropout) {
  public EmbeddingConfig {
    Checks.probability("dropout", dropout);
  }

  /** Without a padding token. */
  public EmbeddingConfig(String table, double scale, EmbeddingPositions positions, int tokenTypes, NormConfig norm, double dropout) {
    this(table, -1, scale, positions, tokenTypes, norm, dropout);
  }

  public EmbeddingConfig withoutDropout() {
    return new EmbeddingConfig(table, paddingId, scale, positions, tokenTypes, norm, 0);
  }
}
