package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerFileTest {

  /** A file of format 1.0 as first released: to be read for ever. */
  private static final String GOLDEN = "golden-tokenizer-1.0.json";
  private static final WordCounts WORDS = WordCounts.of(Map.of("hello", 9L, " world", 8L, " Größe", 7L, " \u4e16\u754c", 6L));

  @TempDir
  private java.nio.file.Path folder;

  @Test
  void goldenFileIsReadAndEncodesAsEver() throws URISyntaxException {
    Path golden = new Path(TokenizerFileTest.class.getResource(GOLDEN).toURI());
    try (Tokenizer tokenizer = Tokenizer.load(new Configuration(), golden)) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(281);
      assertThat(tokenizer.encode("hello world, hello Größe</s>\u4e16\u754c")).containsExactly(
        264, 269, 16, 225, 264, 276, 32, 19, 87, 34, 278, 279, 239);
      assertThat(tokenizer.decode(new int[] {1, 264, 269, 2})).isEqualTo("hello world");
    }
  }

  @Test
  void sameWordsGiveTheSameBytes() throws IOException {
    try (InputStream golden = TokenizerFileTest.class.getResourceAsStream(GOLDEN)) {
      assertThat(TokenizerFile.json(BpeTrainer.train(WORDS, 281, 2)))
        .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void otherUsersGetTheEndTokenOnceAndOurEncodingNever() throws IOException {
    BpeModel model = BpeTrainer.train(WORDS, 281, 2);
    String ending = TokenizerFile.json(model, PostProcessor.END_TOKEN);
    assertThat(idsOfOthers(ending, "hello world")).containsExactly(264, 269, 2);
    assertThat(idsOfOthers(ending, "")).containsExactly(2);
    assertThat(idsOfOthers(TokenizerFile.json(model), "hello world")).containsExactly(264, 269);
    try (Tokenizer tokenizer = Tokenizer.parse(ending, "test")) {
      assertThat(tokenizer.encode("hello world")).containsExactly(264, 269);
    }
    JsonMapper json = new JsonMapper();
    ObjectNode same = (ObjectNode) json.readTree(ending);
    assertThat(same.putNull("post_processor")).as("everything else").isEqualTo(json.readTree(TokenizerFile.json(model)));
  }

  /** As Python's {@code transformers} encodes: with what the post-processor adds. */
  private static long[] idsOfOthers(String json, String text) {
    // Loads the library.
    new NativeTokenizer(json).close();
    long tokenizer = TokenizersLibrary.LIB.createTokenizerFromString(json);
    long encoding = TokenizersLibrary.LIB.encode(tokenizer, text, true);
    try {
      return TokenizersLibrary.LIB.getTokenIds(encoding);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
      TokenizersLibrary.LIB.deleteTokenizer(tokenizer);
    }
  }

  @Test
  void fileIsReplacedAndNothingElseIsLeftBehind() throws IOException {
    Path file = new Path(folder.resolve("made/on/the/way/tokenizer.json").toUri());
    TokenizerFile.write(new Configuration(), file, BpeTrainer.train(WORDS, 265, 2));
    TokenizerFile.write(new Configuration(), file, BpeTrainer.train(WORDS, 270, 2));
    try (Tokenizer tokenizer = Tokenizer.load(new Configuration(), file)) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(270);
    }
    try (Stream<java.nio.file.Path> files = Files.list(folder.resolve("made/on/the/way"))) {
      assertThat(files.map(found -> found.getFileName().toString())).containsOnly("tokenizer.json", ".tokenizer.json.crc");
    }
  }
}
