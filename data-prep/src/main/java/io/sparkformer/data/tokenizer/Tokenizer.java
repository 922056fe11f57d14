package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Text to token ids and back, by Hugging Face's native library and a {@code tokenizer.json}.
 *
 * <p>With a tokenizer of this project every text comes back exactly, whatever Unicode it holds; a lone surrogate, which is not
 * Unicode text, comes back as U+FFFD. Text that spells a special token is text: {@code </s>} within a sentence never becomes the end
 * of it. Encoding adds nothing (no begin, no end), cuts nothing and fills up nothing; whatever the file says about that is ignored.
 *
 * <p>Safe for use by several threads. Holds native memory: close it, or keep one for the life of the process.
 */
public final class Tokenizer implements AutoCloseable {

  private final NativeTokenizer library;
  private final int vocabularySize;
  private final Set<Integer> special;

  private Tokenizer(NativeTokenizer library, int vocabularySize, Set<Integer> special) {
    this.library = library;
    this.vocabularySize = vocabularySize;
    this.special = special;
  }

  /**
   * Reads a tokenizer.
   *
   * @param tokenizerJson on any Hadoop file system
   * @throws InvalidInputException if the file is missing, unreadable or corrupt
   */
  public static Tokenizer load(Configuration hadoop, Path tokenizerJson) {
    try (InputStream in = tokenizerJson.getFileSystem(hadoop).open(tokenizerJson)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), tokenizerJson.toString());
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " does not exist", e);
    } catch (IOException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " cannot be read: " + oneLine(e), e);
    }
  }

  /**
   * Makes a tokenizer from the text of a {@code tokenizer.json}, as a broadcast carries it.
   *
   * @param origin where the text comes from, for messages
   * @throws InvalidInputException as {@link #load}
   */
  public static Tokenizer parse(String json, String origin) {
    try {
      JsonNode root = JsonMapper.builder().build().readTree(json);
      TokenizerDefinition definition = new TokenizerDefinition(root, origin);
      return new Tokenizer(new NativeTokenizer(definition.forTextOnly()), definition.vocabularySize(), definition.special());
    } catch (JsonProcessingException e) {
      throw new InvalidInputException("tokenizer " + origin + " is not JSON: " + e.getOriginalMessage()
        + " (line " + e.getLocation().getLineNr() + "); is the file complete?", e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("tokenizer " + origin + " is not a tokenizer.json that can be used: " + oneLine(e), e);
    }
  }

  /** Token ids of a text; none for an empty one. */
  public int[] encode(String text) {
    return encode(List.of(text)).get(0);
  }

  /** Token ids of each text, in order; on several cores, and quicker than one by one. */
  public List<int[]> encode(List<String> texts) {
    List<int[]> ids = new ArrayList<>(texts.size());
    library.encode(texts, ids);
    return ids;
  }

  /**
   * Text of any token ids. Special tokens are skipped; bytes that make no whole character, as at the end of a sentence cut short,
   * become U+FFFD.
   *
   * @param ids each at least 0 and less than {@link #vocabularySize()}
   */
  public String decode(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabularySize) {
        throw new IllegalArgumentException("token id must be at least 0 and less than the vocabulary size "
          + vocabularySize + ": found " + id);
      }
    }
    return library.decode(Arrays.stream(ids).filter(id -> !special.contains(id)).asLongStream().toArray());
  }

  /** Entries of the vocabulary, special tokens included: every id is less. */
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void close() {
    library.close();
  }

  private static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
  }
}
