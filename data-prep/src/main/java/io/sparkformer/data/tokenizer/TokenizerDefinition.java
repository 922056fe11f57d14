package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.InvalidInputException;
import java.util.Iterator;

/**
 * The checked content of a {@code tokenizer.json}; {@link #forTextOnly()} changes what would alter sentences.
 */
final class TokenizerDefinition {

  private static final String ADDED_TOKENS = "added_tokens";

  private final ObjectNode root;
  private final String origin;
  private final int vocabularySize;

  /**
   * @param origin where the file is, for messages
   * @throws InvalidInputException if it has no vocabulary, or one without the special tokens and their ids
   */
  TokenizerDefinition(JsonNode root, String origin) {
    this.origin = origin;
    JsonNode vocabulary = root.path("model").path("vocab");
    if (!vocabulary.isObject() && !vocabulary.isArray()) {
      throw new InvalidInputException("tokenizer " + origin + " is not a tokenizer.json: it holds no model.vocab");
    }
    this.root = (ObjectNode) root;
    for (SpecialToken token : SpecialToken.values()) {
      checkSpecialToken(token, vocabulary);
    }
    int size = vocabulary.isArray() ? vocabulary.size() : 0;
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        size = Math.max(size, id.asInt() + 1);
      }
    }
    for (JsonNode added : root.path(ADDED_TOKENS)) {
      size = Math.max(size, added.path("id").asInt() + 1);
    }
    vocabularySize = size;
  }

  int vocabularySize() {
    return vocabularySize;
  }

  /**
   * The definition with which every sentence is encoded as text only. Left out: the special tokens' entries among the added tokens, which
   * would make {@code </s>} in a sentence the special token; truncation, padding and the post-processor, which
   * would append the end token that batches append; dropout, which would encode a sentence
   * differently each time. The vocabulary keeps the special tokens, so all ids stay.
   */
  String forTextOnly() {
    ObjectNode copy = withoutLengths(root);
    copy.putNull("post_processor");
    if (copy.get(ADDED_TOKENS) instanceof ArrayNode added) {
      for (Iterator<JsonNode> tokens = added.elements(); tokens.hasNext();) {
        if (SpecialToken.texts().contains(tokens.next().path("content").asText())) {
          tokens.remove();
        }
      }
    }
    return copy.toString();
  }

  /** A copy without truncation, padding and dropout. */
  static ObjectNode withoutLengths(ObjectNode root) {
    ObjectNode copy = root.deepCopy();
    copy.putNull("truncation");
    copy.putNull("padding");
    if (copy.path("model").has("dropout")) {
      ((ObjectNode) copy.get("model")).putNull("dropout");
    }
    return copy;
  }

  private void checkSpecialToken(SpecialToken token, JsonNode vocabulary) {
    JsonNode found = vocabulary.isObject() ? vocabulary.path(token.text()) : vocabulary.path(token.id()).path(0);
    boolean right = vocabulary.isObject() ? found.isInt() && found.intValue() == token.id() : found.asText().equals(token.text());
    if (!right) {
      throw new InvalidInputException("tokenizer " + origin + " must hold the special token " + token.text() + " with id "
        + token.id() + ": found " + (found.isMissingNode() ? "none" : found.asText())
        + "; the first five entries must be " + String.join(" ", SpecialToken.texts()));
    }
  }
}
