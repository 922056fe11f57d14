package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Marian folder as the Hub has them. The SentencePiece models were trained with the real library on this project's English text and on
 * German sentences; {@code expected.json} holds what the real {@code MarianTokenizer} makes of texts and ids.
 */
class MarianTokenizerTest {
  private static final Path FIXTURE = Path.of("src/test/resources/io/sparkformer/data/tokenizer/marian");

  @TempDir
  private Path folder;

  private static JsonNode expected() throws IOException {
    return new ObjectMapper().readTree(FIXTURE.resolve("expected.json").toFile());
  }

  private static int[] ints(JsonNode ids) {
    return StreamSupport.stream(ids.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static Tokenizer load(Path folder) {
    return Tokenizer.load(new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("tokenizer.json").toUri()));
  }

  @Test
  void textBecomesTheTokensOfTheRealTokenizer() throws IOException {
    List<String> texts = new ArrayList<>();
    expected().path("encoded").forEach(each -> texts.add(each.path("text").asText()));
    assertThat(texts).hasSizeGreaterThan(20);
    try (Tokenizer tokenizer = load(FIXTURE)) {
      List<int[]> encoded = tokenizer.encode(texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(encoded.get(i)).as(texts.get(i)).isEqualTo(ints(expected().path("encoded").get(i).path("ids")));
        assertThat(tokenizer.encode(texts.get(i))).isEqualTo(encoded.get(i));
      }
    }
  }

  @Test
  void tokensBecomeTheTextOfTheRealTokenizer() throws IOException {
    try (Tokenizer tokenizer = load(FIXTURE)) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(345);
      for (JsonNode each : expected().path("decoded")) {
        assertThat(tokenizer.decode(ints(each.path("ids")))).isEqualTo(each.path("text").asText());
      }
      assertThatThrownBy(() -> tokenizer.decode(new int[] {345})).hasMessageContaining("less than the vocabulary size 345: found 345");
    }
  }

  @Test
  void whatCannotBeReadIsSaid() throws IOException {
    Files.copy(FIXTURE.resolve("vocab.json"), folder.resolve("vocab.json"));
    assertThatThrownBy(() -> load(folder)).isInstanceOf(InvalidInputException.class).hasMessageEndingWith("tokenizer.json does not exist");
    assertProblem(new byte[0], "it holds no pieces");
    byte[] model = Files.readAllBytes(FIXTURE.resolve("target.spm"));
    byte[] cut = new byte[model.length - 5];
    System.arraycopy(model, 0, cut, 0, cut.length);
    assertProblem(cut, "it is damaged, or no such file");
    assertProblem(new byte[] {0x0A, 3, 0x18, 6, 0x20}, "it ends within a field");
    // A piece "x" of the type byte; one that a user defined; a trainer with model type 2.
    assertProblem(new byte[] {0x0A, 5, 0x0A, 1, 'x', 0x18, 6}, "its piece x is a byte, which is not supported");
    assertProblem(new byte[] {0x0A, 5, 0x0A, 1, 'x', 0x18, 4}, "its piece x is a symbol defined by its user, which is not supported");
    assertProblem(new byte[] {0x12, 2, 0x18, 2}, "its model is not of the kind unigram (model_type 2)");
    Files.writeString(folder.resolve("target_vocab.json"), "{}");
    assertThatThrownBy(() -> load(folder)).hasMessageContaining("models with a vocabulary for each language are not supported");
    Files.delete(folder.resolve("target_vocab.json"));
    Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0}");
    assertThatThrownBy(() -> load(folder)).hasMessageEndingWith("vocab.json has no token <unk>");
    Files.writeString(folder.resolve("vocab.json"), "{\"a\": -1}");
    assertThatThrownBy(() -> load(folder)).hasMessageContaining("gives a the id -1; ids are whole numbers from 0");
  }

  private void assertProblem(byte[] model, String problem) throws IOException {
    Files.write(folder.resolve("source.spm"), model);
    assertThatThrownBy(() -> load(folder)).isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("source.spm is not a SentencePiece model that can be used: " + problem);
  }

  @Test
  void damagedFilesNeverDoMoreThanFail() throws IOException {
    byte[] model = Files.readAllBytes(FIXTURE.resolve("target.spm"));
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = model.clone();
      for (int j = random.nextInt(4); j >= 0; j--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(SentencePieceModel.parse(damaged).definition()).isNotEmpty();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("it");
      }
    }
  }
}
