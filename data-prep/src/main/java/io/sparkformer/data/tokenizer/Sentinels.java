package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The tokens that stand for missing spans of a text (Raffel et al. 2020, section 3.1.4), named and numbered as T5's tokenizer has them:
 * {@code <extra_id_0>} has the last id, {@code <extra_id_1>} the one before it, and so on.
 */
public final class Sentinels {

  private static final JsonMapper JSON = new JsonMapper();

  private Sentinels() {
  }

  /** The text of a sentinel's entry. */
  public static String text(int number) {
    return "<extra_id_" + number + ">";
  }

  /**
   * A {@code tokenizer.json} with sentinels behind its entries.
   *
   * @param tokenizerJson text of the file
   * @param count how many; 0 gives the same text
   */
  public static String added(String tokenizerJson, int count) {
    if (count == 0) {
      return tokenizerJson;
    }
    try {
      JsonNode json = JSON.readTree(tokenizerJson);
      int first = new TokenizerDefinition(json, "of this run").vocabularySize();
      ArrayNode added = (ArrayNode) ((ObjectNode) json).get("added_tokens");
      for (int number = count - 1; number >= 0; number--) {
        added.addObject().put("id", first + count - 1 - number).put("content", text(number)).put("single_word", false)
          .put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", true);
      }
      return json.toPrettyString() + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a tokenizer is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
