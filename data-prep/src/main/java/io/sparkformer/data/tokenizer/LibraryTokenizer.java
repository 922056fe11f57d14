package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkformer.data.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A {@code tokenizer.json} in Hugging Face's native library. */
final class LibraryTokenizer implements Tokenizer {

  private final NativeTokenizer library;
  private final int vocabularySize;
  private final Set<Integer> special;

  private LibraryTokenizer(NativeTokenizer library, int vocabularySize, Set<Integer> special) {
    this.library = library;
    this.vocabularySize = vocabularySize;
    this.special = special;
  }

  static Tokenizer parse(String json, String origin) {
    try {
      JsonNode root = JsonMapper.builder().build().readTree(json);
      TokenizerDefinition definition = new TokenizerDefinition(root, origin);
      return new LibraryTokenizer(new NativeTokenizer(definition.forTextOnly()), definition.vocabularySize(), definition.special());
    } catch (JsonProcessingException e) {
      throw new InvalidInputException("tokenizer " + origin + " is not JSON: " + e.getOriginalMessage()
        + " (line " + e.getLocation().getLineNr() + "); is the file complete?", e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("tokenizer " + origin + " is not a tokenizer.json that can be used: "
        + NativeTokenizer.oneLine(e), e);
    }
  }

  @Override
  public List<int[]> encode(List<String> texts) {
    List<int[]> ids = new ArrayList<>(texts.size());
    library.encode(texts, ids);
    return ids;
  }

  @Override
  public List<String[]> pieces(List<String> texts) {
    List<String[]> pieces = new ArrayList<>(texts.size());
    library.encodeAsPieces(texts, pieces);
    return pieces;
  }

  @Override
  public String decode(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabularySize) {
        throw new IllegalArgumentException("token id must be at least 0 and less than the vocabulary size "
          + vocabularySize + ": found " + id);
      }
    }
    return library.decode(Arrays.stream(ids).filter(id -> !special.contains(id)).asLongStream().toArray());
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void close() {
    library.close();
  }
}
