package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Text to the token ids that a pretrained network reads, by the {@code tokenizer.json} of its folder: normalized, and with the special
 * tokens around it that the file's post-processor adds ({@code [CLS] ... [SEP]}). A text that is too long loses tokens at its end, never
 * the special ones. Unlike {@link Tokenizer} it takes any vocabulary, and text that spells a special token becomes that token, as in
 * Hugging Face's libraries; padding, truncation and dropout of the file are ignored.
 *
 * <p>Safe for use by several threads. Holds native memory: close it, or keep one for the life of the process.
 */
public final class InputEncoder implements AutoCloseable {

  private static final int[] NO_TYPES = {};

  private final NativeTokenizer library;

  private InputEncoder(NativeTokenizer library) {
    this.library = library;
  }

  /**
   * A text as a network reads it.
   *
   * @param ids with special tokens
   * @param types the type of each token; empty where all are 0
   * @param textTokens how many of them stand for text
   * @param cutOff tokens that were left out at the end of the text, or of both
   */
  public record Encoded(int[] ids, int[] types, int textTokens, int cutOff) { }

  /**
   * Reads a tokenizer.
   *
   * @param tokenizerJson on any Hadoop file system
   * @throws InvalidInputException if the file is missing, unreadable or corrupt
   */
  public static InputEncoder load(Configuration hadoop, Path tokenizerJson) {
    try (InputStream in = tokenizerJson.getFileSystem(hadoop).open(tokenizerJson)) {
      JsonNode root = JsonMapper.builder().build().readTree(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      if (!(root instanceof ObjectNode definition) || !root.path("model").has("vocab")) {
        throw new InvalidInputException("tokenizer " + tokenizerJson + " is not a tokenizer.json: it holds no model.vocab");
      }
      return new InputEncoder(new NativeTokenizer(TokenizerDefinition.withoutLengths(definition).toString()));
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " does not exist; if the model has only vocab.txt or a "
          + "SentencePiece file, convert it: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) in Python", e);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " is not JSON: " + e.getOriginalMessage()
          + "; is the file complete?", e);
    } catch (IOException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " cannot be read: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " is not a tokenizer.json that can be used: " + e.getMessage(), e);
    }
  }

  /**
   * Encodes each text, in order.
   *
   * @param longest most tokens of a text, special ones included
   * @throws InvalidInputException if the special tokens alone are more than {@code longest}
   */
  public List<Encoded> encode(List<String> texts, int longest) {
    List<Encoded> encoded = new ArrayList<>(texts.size());
    library.encodeWithSpecialTokens(texts, (ids, special) -> encoded.add(cut(ids, special, longest)));
    return encoded;
  }

  /** @param special 1 for the special tokens that were added, 0 for text */
  private static Encoded cut(int[] ids, int[] special, int longest) {
    int before = 0;
    while (before < ids.length && special[before] == 1) {
      before++;
    }
    int after = 0;
    while (after < ids.length - before && special[ids.length - 1 - after] == 1) {
      after++;
    }
    int text = ids.length - before - after;
    if (ids.length <= longest) {
      return new Encoded(ids, NO_TYPES, text, 0);
    }
    requireRoom(longest, before + after);
    int kept = longest - before - after;
    int[] shorter = new int[longest];
    System.arraycopy(ids, 0, shorter, 0, before + kept);
    System.arraycopy(ids, ids.length - after, shorter, before + kept, after);
    return new Encoded(shorter, NO_TYPES, kept, text - kept);
  }

  private static void requireRoom(int longest, int special) {
    if (special >= longest) {
      throw new InvalidInputException("the longest text may have " + longest + " tokens, and the tokenizer adds " + special
          + " special ones; allow more");
    }
  }

  /**
   * Encodes pairs of texts, one after the other, in order.
   *
   * @param seconds as many as {@code firsts}
   * @param longest most tokens of a pair, special ones included; what is too long loses tokens at the end of its longer text, as by Hugging
   *     Face's {@code longest_first}
   * @throws InvalidInputException if the special tokens alone are more than {@code longest}
   */
  public List<Encoded> encodePairs(List<String> firsts, List<String> seconds, int longest) {
    List<Encoded> encoded = new ArrayList<>(firsts.size());
    library.encodePairs(firsts, seconds, (ids, types, texts) -> encoded.add(cutPair(ids, types, texts, longest)));
    return encoded;
  }

  /**
   * Encodes texts and pairs, each a list of one text or of two, as {@link #encode} and {@link #encodePairs} do.
   *
   * @param texts all of them single texts, or all of them pairs
   */
  public List<Encoded> encodeTexts(List<List<String>> texts, int longest) {
    List<String> firsts = texts.stream().map(each -> each.get(0)).toList();
    return texts.isEmpty() || texts.get(0).size() == 1 ? encode(firsts, longest)
        : encodePairs(firsts, texts.stream().map(each -> each.get(1)).toList(), longest);
  }

  /** @param texts which text each token is of: 0 or 1, negative for special tokens */
  private static Encoded cutPair(int[] ids, int[] types, int[] texts, int longest) {
    int[] lengths = {(int) Arrays.stream(texts).filter(text -> text == 0).count(),
        (int) Arrays.stream(texts).filter(text -> text == 1).count()};
    int special = ids.length - lengths[0] - lengths[1];
    int[] kept = lengths;
    if (ids.length > longest) {
      requireRoom(longest, special);
      kept = longestFirst(lengths[0], lengths[1], longest - special);
    }
    int[] keptIds = new int[special + kept[0] + kept[1]];
    int[] keptTypes = new int[keptIds.length];
    int[] seen = new int[2];
    int at = 0;
    for (int i = 0; i < ids.length; i++) {
      if (texts[i] < 0 || seen[texts[i]]++ < kept[texts[i]]) {
        keptIds[at] = ids[i];
        keptTypes[at++] = types[i];
      }
    }
    return new Encoded(keptIds, keptTypes, kept[0] + kept[1], ids.length - keptIds.length);
  }

  /** The lengths of two texts that together have more than {@code room} tokens, after the longer has lost as many as it must. */
  private static int[] longestFirst(int first, int second, int room) {
    int shorter = Math.min(first, second);
    int longer = Math.max(shorter, room - shorter);
    if (shorter + longer > room) {
      shorter = room / 2;
      longer = room - shorter;
    }
    return first > second ? new int[] {longer, shorter} : new int[] {shorter, longer};
  }

  @Override
  public void close() {
    library.close();
  }
}
