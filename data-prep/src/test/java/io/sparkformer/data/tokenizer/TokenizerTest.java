package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

  private static final List<String> SENTENCES = List.of(
    "The quick brown fox doesn't jump over the lazy dog's 1234 friends.", "Der schnelle braune Fuchs springt über den faulen Hund.",
    "the </s> tag and the <s> tag, <pad> and <unk> and <mask>", "Größe, Maße und Straße: größer als die Größen der Straßen");
  private static final BpeModel MODEL = BpeTrainer.train(wordCounts(), 330, 1);
  private static final Tokenizer TOKENIZER = Tokenizer.parse(TokenizerFile.json(MODEL), "test");

  @TempDir
  private java.nio.file.Path folder;

  @AfterAll
  static void closeTokenizer() {
    TOKENIZER.close();
  }

  @Test
  void anyTextComesBackExactly() {
    List<String> texts = new ArrayList<>(SENTENCES);
    texts.addAll(List.of("", " ", "  ", "\0", "a\0b", "\u0001\u001b\u007f\u0080\u0085", "\r\n", "\n\r", " \t\u000b\f",
      "\u00a0\u2003\u3000",
      "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67\u200d\ud83d\udc66",
      "\ud83c\udde9\ud83c\uddea", "e\u0301 \u00e9 q\u0323\u0307",
      "\u05e9\u05b8\u05dc\u05d5\u05b9\u05dd \u0627\u0644\u0639\u0631\u0628\u064a\u0629\u200f", "\ue000\uf8ff\udbff\udffd",
      "\ud800\udc00\udbff\udfff\ud840\udc00", "\ufeffBOM", "\ufffd\ufffe\uffff", "</s>", "<s></s><pad><unk><mask>", "\u0120G\u010a",
      "don 't , it is . ain 't ! we 've", "\u0130\u0131\u1e9e\ufb03", "trailing ", " leading", "a".repeat(5000)));
    Random random = new Random(3);
    IntStream.range(0, 300).forEach(i -> texts.add(RandomText.ofPieces(random, 25)));
    IntStream.range(0, 300).forEach(i -> texts.add(RandomText.ofCodePoints(random, 25)));
    List<int[]> ids = TOKENIZER.encode(texts);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(TOKENIZER.decode(ids.get(i))).isEqualTo(texts.get(i));
    }
  }

  @Test
  void loneSurrogatesBecomeTheReplacementCharacterAndNothingElseChanges() {
    assertThat(TOKENIZER.decode(TOKENIZER.encode("\0a\ud83d\ude00\ud83d z\ude00"))).isEqualTo("\0a\ud83d\ude00\ufffd z\ufffd");
  }

  @Test
  void textThatSpellsASpecialTokenIsNotThatToken() {
    for (String text : List.of("</s>", "a <s> b</s>", "<pad><pad>", " <unk>", "x<mask>y")) {
      assertThat(Arrays.stream(TOKENIZER.encode(text)).filter(SpecialToken::isSpecial)).as(text).isEmpty();
    }
  }

  @Test
  void encodingAppliesTheMergesInTheOrderOfTraining() {
    for (String text : SENTENCES) {
      assertThat(TOKENIZER.encode(text)).isEqualTo(encodedByHand(text));
    }
    Random random = new Random(8);
    for (int round = 0; round < 100; round++) {
      String text = RandomText.ofPieces(random, 20);
      assertThat(TOKENIZER.encode(text)).isEqualTo(encodedByHand(text));
    }
  }

  @Test
  void batchesAndSingleSentencesGiveTheSameIds() {
    List<String> texts = IntStream.range(0, 2500).mapToObj(i -> SENTENCES.get(i % SENTENCES.size()) + " " + i).toList();
    List<int[]> ids = TOKENIZER.encode(texts);
    assertThat(ids).hasSameSizeAs(texts);
    for (int i = 0; i < texts.size(); i += 97) {
      assertThat(ids.get(i)).isEqualTo(TOKENIZER.encode(texts.get(i)));
    }
  }

  @Test
  void decodingSkipsSpecialTokensEvenWithinACharacter() {
    int[] ids = TOKENIZER.encode("\u00fc");
    assertThat(TOKENIZER.decode(new int[] {1, 2, 0, 3, 4})).isEmpty();
    assertThat(TOKENIZER.decode(IntStream.concat(IntStream.of(1), IntStream.concat(Arrays.stream(ids), IntStream.of(2))).toArray()))
      .isEqualTo("\u00fc");
  }

  /** Bytes that are not UTF-8 become replacement characters; decoders differ in how many of them stand for a run of such bytes. */
  @Test
  void everySequenceOfIdsIsDecodedToTheTextOfItsBytes() {
    int[] smiley = TOKENIZER.encode("\ud83d\ude00");
    assertThat(smiley).hasSize(4);
    assertThat(TOKENIZER.decode(Arrays.copyOf(smiley, 3))).isEqualTo("\ufffd");
    Random random = new Random(4);
    for (int round = 0; round < 500; round++) {
      int[] ids = random.ints(1 + random.nextInt(20), 0, TOKENIZER.vocabularySize()).toArray();
      assertThat(withSingleReplacements(TOKENIZER.decode(ids))).as(Arrays.toString(ids))
        .isEqualTo(withSingleReplacements(decodedByHand(ids)));
    }
  }

  private static String withSingleReplacements(String text) {
    return text.replaceAll("\ufffd+", "\ufffd");
  }

  private static String decodedByHand(int[] ids) {
    List<String> symbols = ByteAlphabet.symbols();
    int[] ranks = ByteAlphabet.rankOfByte();
    Map<Character, Integer> byteOfSymbol = new HashMap<>();
    IntStream.range(0, ByteAlphabet.SIZE).forEach(value -> byteOfSymbol.put(symbols.get(ranks[value]).charAt(0), value));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Arrays.stream(ids).filter(id -> !SpecialToken.isSpecial(id))
      .forEach(id -> MODEL.tokens().get(id).chars().forEach(symbol -> bytes.write(byteOfSymbol.get((char) symbol))));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void idsOutsideTheVocabularyAreRefused() {
    assertThat(TOKENIZER.vocabularySize()).isEqualTo(330);
    assertThatThrownBy(() -> TOKENIZER.decode(new int[] {7, 330})).isInstanceOf(IllegalArgumentException.class)
      .hasMessage("token id must be at least 0 and less than the vocabulary size 330: found 330");
    assertThatThrownBy(() -> TOKENIZER.decode(new int[] {-1})).hasMessageContaining("found -1");
  }

  @Test
  void severalThreadsMayShareATokenizer() {
    List<int[]> expected = SENTENCES.stream().map(TOKENIZER::encode).toList();
    boolean same = IntStream.range(0, 400).parallel().allMatch(i -> {
      int sentence = i % SENTENCES.size();
      int[] ids = TOKENIZER.encode(SENTENCES.get(sentence));
      return Arrays.equals(ids, expected.get(sentence)) && TOKENIZER.decode(ids).equals(SENTENCES.get(sentence));
    });
    assertThat(same).isTrue();
  }

  @Test
  void closedTokenizerIsRefused() {
    Tokenizer tokenizer = Tokenizer.parse(TokenizerFile.json(MODEL), "test");
    tokenizer.close();
    tokenizer.close();
    assertThatThrownBy(() -> tokenizer.encode("a")).isInstanceOf(IllegalStateException.class).hasMessage("the tokenizer is closed");
  }

  @Test
  void missingFileIsNamed() {
    Path missing = new Path(folder.resolve("tokenizer.json").toUri());
    assertThatThrownBy(() -> Tokenizer.load(new Configuration(), missing))
      .isInstanceOf(InvalidInputException.class).hasMessage("tokenizer " + missing + " does not exist");
    assertThatThrownBy(() -> Tokenizer.load(new Configuration(), new Path(folder.toUri())))
      .isInstanceOf(InvalidInputException.class).hasMessageStartingWith("tokenizer file:" + folder);
  }

  @Test
  void corruptFileIsRefusedWithItsPathAndTheReason() throws IOException {
    String json = TokenizerFile.json(MODEL);
    assertRefused(json.substring(0, json.length() / 2), "is not JSON: Unexpected end-of-input", "is the file complete?");
    assertRefused("PAR1", "is not JSON");
    assertRefused("", "is not a tokenizer.json: it holds no model.vocab");
    assertRefused("{\"model\": {}}", "is not a tokenizer.json: it holds no model.vocab");
    assertRefused("[]", "is not a tokenizer.json: it holds no model.vocab");
    assertRefused(json.replace("\"BPE\"", "\"BPQ\""), "is not a tokenizer.json that can be used: ");
    assertRefused(json.replace("\"merges\" : [", "\"merges\" : [\"q Q\","), "is not a tokenizer.json that can be used: ", "qQ");
  }

  @Test
  void truncationPaddingAndDropoutOfAFileAreIgnored() {
    String json = TokenizerFile.json(MODEL)
      .replace("\"truncation\" : null",
        "\"truncation\" : {\"direction\":\"Right\",\"max_length\":3,\"strategy\":\"LongestFirst\",\"stride\":0}")
      .replace("\"padding\" : null", "\"padding\" : {\"strategy\":{\"Fixed\":90},\"direction\":\"Right\",\"pad_to_multiple_of\":null,"
        + "\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"<pad>\"}")
      .replace("\"dropout\" : null", "\"dropout\" : 0.9");
    try (Tokenizer tokenizer = Tokenizer.parse(json, "test")) {
      assertThat(tokenizer.encode(SENTENCES.get(0))).isEqualTo(TOKENIZER.encode(SENTENCES.get(0)));
    }
  }

  private void assertRefused(String json, String... reasons) throws IOException {
    java.nio.file.Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
    assertThatThrownBy(() -> Tokenizer.load(new Configuration(), new Path(file.toUri())))
      .isInstanceOf(InvalidInputException.class)
      .hasMessageStartingWith("tokenizer " + new Path(file.toUri()) + " ")
      .hasMessageContainingAll(reasons)
      .hasMessageNotContaining("\n");
  }

  private static int[] encodedByHand(String text) {
    List<Integer> ids = new ArrayList<>();
    PreTokenizer.split(text, word -> {
      List<Integer> symbols = ByteAlphabet.toSymbols(word).chars()
        .mapToObj(symbol -> MODEL.tokens().indexOf(Character.toString(symbol))).toList();
      for (Merge merge : MODEL.merges()) {
        symbols = NaiveBpe.applied(merge, symbols);
      }
      ids.addAll(symbols);
    });
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static WordCounts wordCounts() {
    Map<String, Long> counts = new HashMap<>();
    SENTENCES.forEach(sentence -> PreTokenizer.split(sentence, word -> counts.merge(word, 1L, Long::sum)));
    return WordCounts.of(counts);
  }
}
