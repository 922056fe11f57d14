package io.sparkformer.data.tokenizer;

import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Text to token ids and back, by Hugging Face's native library and a {@code tokenizer.json}, or by the SentencePiece file of a Marian
 * folder that has none.
 *
 * <p>With a byte-level tokenizer of this project every text comes back exactly, whatever Unicode it holds; a lone surrogate, which is not
 * Unicode text, comes back as U+FFFD. Text that spells a special token is text: {@code </s>} within a sentence never becomes the end
 * of it. Encoding adds nothing (no begin, no end), cuts nothing and fills up nothing; whatever the file says about that is ignored.
 *
 * <p>Safe for use by several threads. Holds native memory: close it, or keep one for the life of the process.
 */
public interface Tokenizer extends AutoCloseable {

  /**
   * Reads a tokenizer.
   *
   * @param tokenizerJson on any Hadoop file system; where there is none, the files of a Marian folder beside it are read
   * @throws InvalidInputException if the file is missing, unreadable or corrupt
   */
  static Tokenizer load(Configuration hadoop, Path tokenizerJson) {
    try {
      FileSystem files = tokenizerJson.getFileSystem(hadoop);
      try (InputStream in = files.open(tokenizerJson)) {
        return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), tokenizerJson.toString());
      } catch (FileNotFoundException e) {
        if (MarianTokenizer.isIn(files, tokenizerJson.getParent())) {
          return MarianTokenizer.read(files, tokenizerJson.getParent());
        }
        throw e;
      }
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " does not exist", e);
    } catch (IOException e) {
      throw new InvalidInputException("tokenizer " + tokenizerJson + " cannot be read: " + NativeTokenizer.oneLine(e), e);
    }
  }

  /**
   * Makes a tokenizer from the text of a {@code tokenizer.json}, as a broadcast carries it.
   *
   * @param origin where the text comes from, for messages
   * @throws InvalidInputException as {@link #load}
   */
  static Tokenizer parse(String json, String origin) {
    return LibraryTokenizer.parse(json, origin);
  }

  /** Token ids of a text; none for an empty one. */
  default int[] encode(String text) {
    return encode(List.of(text)).get(0);
  }

  /** Token ids of each text, in order; on several cores, and quicker than one by one. */
  List<int[]> encode(List<String> texts);

  /** As {@link #encode(List)}, of texts in the language that a model translates into, where it has a tokenizer for each language. */
  default List<int[]> encodeTarget(List<String> texts) {
    return encode(texts);
  }

  /**
   * What the tokens of each text stand for, in order: of known ones their entry of the vocabulary, of unknown ones, where the tokenizer
   * keeps it, the text itself. A space may be another character there.
   */
  List<String[]> pieces(List<String> texts);

  /**
   * Text of any token ids. Special tokens are skipped; bytes that make no whole character, as at the end of a sentence cut short,
   * become U+FFFD.
   *
   * @param ids each at least 0 and less than {@link #vocabularySize()}
   */
  String decode(int[] ids);

  /** Entries of the vocabulary, special tokens included: every id is less. */
  int vocabularySize();

  @Override
  void close();
}
