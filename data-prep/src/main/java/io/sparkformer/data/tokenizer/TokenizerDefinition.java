package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.InvalidInputException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/**
 * The checked content of a {@code tokenizer.json}; {@link #forTextOnly()} changes what would alter sentences.
 */
final class TokenizerDefinition {

  private static final String ADDED_TOKENS = "added_tokens";
  /** Noncharacters of Unicode, never part of a text. */
  private static final String UNSPELLABLE = "\uFFFE\uFFFF\uFFFE";

  private final ObjectNode root;
  private final int vocabularySize;
  private final Set<String> vocabulary = new HashSet<>();
  private final Set<Integer> special = new HashSet<>();

  /**
   * @param origin where the file is, for messages
   * @throws InvalidInputException if it has no vocabulary
   */
  TokenizerDefinition(JsonNode root, String origin) {
    JsonNode entries = root.path("model").path("vocab");
    if (!entries.isObject() && !entries.isArray()) {
      throw new InvalidInputException("tokenizer " + origin + " is not a tokenizer.json: it holds no model.vocab");
    }
    this.root = (ObjectNode) root;
    int size = entries.isArray() ? entries.size() : 0;
    if (entries.isObject()) {
      for (JsonNode id : entries) {
        size = Math.max(size, id.asInt() + 1);
      }
      entries.fieldNames().forEachRemaining(vocabulary::add);
    } else {
      // Unigram: pairs of text and log-probability.
      entries.forEach(entry -> vocabulary.add(entry.path(0).asText()));
    }
    for (JsonNode added : root.path(ADDED_TOKENS)) {
      size = Math.max(size, added.path("id").asInt() + 1);
      if (added.path("special").asBoolean()) {
        special.add(added.path("id").asInt());
      }
    }
    vocabularySize = size;
  }

  /** The ids that stand for no text: added tokens that the file calls special. */
  Set<Integer> special() {
    return special;
  }

  int vocabularySize() {
    return vocabularySize;
  }

  /**
   * The definition with which every sentence is encoded as text only. Left out: the special tokens' entries among the added tokens, which
   * would make {@code </s>} in a sentence the special token; truncation, padding and the post-processor, which would append the end token
   * that batches append; dropout, which would encode a sentence differently each time. The vocabulary keeps the special tokens; one that it
   * lacks keeps its entry under a text that no sentence holds, so that all ids stay.
   */
  String forTextOnly() {
    ObjectNode copy = withoutLengths(root);
    copy.putNull("post_processor");
    if (copy.get(ADDED_TOKENS) instanceof ArrayNode added) {
      for (Iterator<JsonNode> tokens = added.elements(); tokens.hasNext();) {
        JsonNode token = tokens.next();
        if (token.path("special").asBoolean()) {
          if (vocabulary.contains(token.path("content").asText())) {
            tokens.remove();
          } else {
            ((ObjectNode) token).put("content", UNSPELLABLE + token.path("id").asInt());
          }
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
}
