package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * How single tokens of a {@code tokenizer.json} are shown to people: as the vocabulary spells them, but for byte-level vocabularies, whose
 * symbols become text again. A space is {@code ▁}, as SentencePiece writes it, a line feed {@code ↵} and a tab {@code ⇥}; bytes that are no
 * whole character are shown as {@code \xC3}.
 */
public final class TokenTexts {

  private final Map<Integer, String> texts = new HashMap<>();

  private TokenTexts(JsonNode tokenizer) {
    boolean bytes = mentions(tokenizer.path("decoder"), "ByteLevel") || mentions(tokenizer.path("pre_tokenizer"), "ByteLevel");
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    if (vocabulary.isObject()) {
      vocabulary.properties().forEach(entry -> texts.put(entry.getValue().asInt(), shown(entry.getKey(), bytes)));
    } else {
      // Unigram: pairs of text and log-probability.
      for (int id = 0; id < vocabulary.size(); id++) {
        texts.put(id, visible(vocabulary.get(id).path(0).asText()));
      }
    }
    tokenizer.path("added_tokens").forEach(added -> texts.put(added.path("id").asInt(), added.path("content").asText()));
  }

  /**
   * Reads the texts of a vocabulary.
   *
   * @param tokenizerJson on any Hadoop file system
   * @throws InvalidInputException if the file is missing or is not JSON
   */
  public static TokenTexts load(Configuration hadoop, Path tokenizerJson) {
    try (InputStream in = tokenizerJson.getFileSystem(hadoop).open(tokenizerJson)) {
      return new TokenTexts(JsonMapper.builder().build().readTree(in));
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " does not exist", e);
    } catch (IOException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The text of a token; its number where the vocabulary lacks it. */
  public String of(int id) {
    return texts.getOrDefault(id, "#" + id);
  }

  private static boolean mentions(JsonNode component, String type) {
    return component.findValuesAsText("type").contains(type);
  }

  private static String visible(String text) {
    return text.replace(' ', '▁').replace('\n', '↵').replace('\t', '⇥');
  }

  private static String shown(String piece, boolean bytes) {
    return visible(bytes ? ByteAlphabet.toText(piece) : piece);
  }
}
