package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;

/**
 * A vocabulary of single characters: the special tokens, then the Unicode characters of the training text in the order of their code
 * points. As a {@code tokenizer.json} it is a BPE model without merges, which Hugging Face's library applies to the text as it is.
 */
public final class CharacterTokenizer {

  private static final JsonMapper JSON = new JsonMapper();

  private CharacterTokenizer() {
  }

  /**
   * The text of {@code tokenizer.json} for the characters of some text.
   *
   * @param text read once; the driver collects each character once
   */
  public static String train(Dataset<String> text) {
    List<Integer> characters = text.mapPartitions((Iterator<String> texts) -> {
      Set<Integer> found = new HashSet<>();
      texts.forEachRemaining(each -> WellFormedText.of(each).codePoints().forEach(found::add));
      return found.iterator();
    }, Encoders.INT()).distinct().sort("value").collectAsList();
    return json(characters);
  }

  private static String json(List<Integer> characters) {
    List<String> tokens = new ArrayList<>(SpecialToken.texts());
    characters.forEach(character -> tokens.add(Character.toString(character)));
    ObjectNode json = JSON.createObjectNode().put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    for (SpecialToken token : SpecialToken.values()) {
      added.addObject().put("id", token.id()).put("content", token.text()).put("single_word", false).put("lstrip", false)
        .put("rstrip", false).put("normalized", false).put("special", true);
    }
    json.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor");
    json.putObject("decoder").put("type", "Fuse");
    ObjectNode model = json.putObject("model").put("type", "BPE").putNull("dropout").put("unk_token", SpecialToken.UNKNOWN.text())
      .putNull("continuing_subword_prefix").putNull("end_of_word_suffix").put("fuse_unk", false).put("byte_fallback", false)
      .put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
    }
    model.putArray("merges");
    return json.toPrettyString() + "\n";
  }
}
