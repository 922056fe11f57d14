package io.sparkformer.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.data.shard.BatchSequence;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.Readers;
import io.sparkformer.data.shard.RowFormat;
import io.sparkformer.data.shard.SentencePair;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.TokenRow;
import io.sparkformer.data.tokenizer.SpecialToken;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class PreparationTest {

  private static final Configuration HADOOP = new Configuration();
  private static final String[] ENGLISH = {"the", "small", "house", "stands", "near", "a", "river", "and", "old", "trees", "grow"};
  private static final String[] GERMAN = {"das", "kleine", "Haus", "steht", "nahe", "ein", "Fluss", "und", "alte", "Bäume", "wachsen"};

  /** Without generated code, whose compilation takes most of the time of so small jobs. */
  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2, Map.of("spark.sql.codegen.wholeStage", "false",
    "spark.sql.codegen.factoryMode", "NO_CODEGEN", "spark.sql.shuffle.partitions", "4"));

  @TempDir
  Path folder;

  @Test
  void textBecomesShardsThatDecodeToTheHeldOutText() throws IOException {
    PrepareSummary summary = prepare("shard-pairs = 100, held-out.fraction = 0.1, " + aligned(500));
    ShardManifest manifest = ShardManifest.read(HADOOP, output());
    assertThat(manifest).isEqualTo(summary.manifest());
    assertThat(manifest.vocabularySize()).isEqualTo(300);
    assertThat(manifest.train().examples()).isEqualTo(450);
    assertThat(manifest.train().shards()).hasSize(5);
    assertThat(manifest.train().cleaning().dropped().toString()).isEqualTo(
      "{empty=0, too-long=0, length-ratio=0, identical-sides=0, duplicate-pair=0, held-out=50, too-many-tokens=0}");
    assertThat(manifest.validation().examples()).isEqualTo(50);

    // Text that people edit has no checksum files beside it.
    assertThat(folder.resolve("out/held-out").toFile().list()).containsExactlyInAnyOrder("source.txt", "target.txt");
    List<String> source = Files.readAllLines(folder.resolve("out/held-out/source.txt"));
    List<String> target = Files.readAllLines(folder.resolve("out/held-out/target.txt"));
    assertThat(decoded(DataPart.VALIDATION)).containsExactlyElementsOf(
      IntStream.range(0, 50).mapToObj(i -> source.get(i) + "|" + target.get(i)).toList());
    List<String> everything = new ArrayList<>(decoded(DataPart.TRAIN));
    everything.addAll(decoded(DataPart.VALIDATION));
    assertThat(everything).containsExactlyInAnyOrderElementsOf(
      IntStream.range(0, 500).mapToObj(i -> sentence(ENGLISH, i) + "|" + sentence(GERMAN, i)).toList());
    assertThat(folder.resolve("out")).isDirectoryNotContaining(file -> file.getFileName().toString().startsWith("_"));
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void summaryNamesPairsDropsTokensAndVocabulary() throws IOException {
    Path tsv = Files.writeString(folder.resolve("text.tsv"), lines(100, i -> sentence(ENGLISH, i) + "\t" + sentence(GERMAN, i))
      + "\tleer\nsame\tsame\nsame\tsame\n" + sentence(ENGLISH, 3) + "\t" + sentence(GERMAN, 3) + "\n");
    List<String> lines = prepare("held-out.fraction = 0, train.tsv = \"" + tsv + "\"").lines();
    assertThat(lines).hasSize(6);
    assertThat(lines.get(0)).startsWith("prepared ").contains("/out in ");
    assertThat(lines.get(1)).startsWith("  training    100 of 104 pairs kept, ").endsWith(" target tokens, 1 shard");
    assertThat(lines.get(2)).isEqualTo("    dropped   empty 1, identical-sides 2, duplicate-pair 1");
    assertThat(lines.get(3)).isEqualTo("  validation  0 of 0 pairs kept, 0 source and 0 target tokens, 0 shards");
    assertThat(lines.get(4)).isEqualTo("    dropped   none");
    assertThat(lines.get(5)).matches("  vocabulary  300 entries, \\d\\.\\d\\d tokens per word");
  }

  @Test
  void validationTextIsNeverFilteredByRatioOrEquality() throws IOException {
    Path source = Files.writeString(folder.resolve("v.en"), "OK\nOK\n\nsame\n");
    Path target = Files.writeString(folder.resolve("v.de"), "ok\nok\nleer\nsame\n");
    prepare(aligned(200) + ", validation.source = \"" + source + "\", validation.target = \"" + target + "\"");
    ShardManifest manifest = ShardManifest.read(HADOOP, output());
    assertThat(manifest.train().examples()).isEqualTo(200);
    assertThat(manifest.validation().cleaning().dropped().toString()).isEqualTo("{empty=1, too-many-tokens=0}");
    assertThat(Files.readString(folder.resolve("out/held-out/target.txt"))).isEqualTo("ok\nok\nsame\n");
    assertThat(decoded(DataPart.VALIDATION)).containsExactlyInAnyOrder("OK|ok", "OK|ok", "same|same");
  }

  @Test
  void pairsOfTooManyTokensAreCountedAndLeaveTheHeldOutTextToo() throws IOException {
    String longer = "zxqj ".repeat(40).strip();
    Path source = Files.writeString(folder.resolve("v.en"), "one\n" + longer + "\ntwo\n");
    Path target = Files.writeString(folder.resolve("v.de"), "eins\n" + longer + "\nzwei\n");
    prepare("max-tokens = 80, " + aligned(200) + ", validation.source = \"" + source + "\", validation.target = \"" + target + "\"");
    assertThat(ShardManifest.read(HADOOP, output()).validation().cleaning().dropped().toString())
      .isEqualTo("{empty=0, too-many-tokens=1}");
    assertThat(Files.readString(folder.resolve("out/held-out/source.txt"))).isEqualTo("one\ntwo\n");
  }

  @Test
  void aGivenTokenizerIsTakenAsItIs() throws IOException {
    prepare(aligned(200));
    Path tokenizer = Files.copy(folder.resolve("out/tokenizer.json"), Files.createDirectory(folder.resolve("mine")).resolve("mine.json"));
    Path roles = Files.writeString(folder.resolve("mine/special_tokens_map.json"), "{\"eos_token\": \"</s>\"}");
    prepare("overwrite = true, tokenizer.path = \"" + tokenizer + "\", " + aligned(300));
    assertThat(folder.resolve("out/tokenizer.json")).hasSameBinaryContentAs(tokenizer);
    assertThat(folder.resolve("out/special_tokens_map.json")).hasSameBinaryContentAs(roles);
    // A folder with these files is still one that prepare has written.
    prepare("overwrite = true, tokenizer.path = \"" + tokenizer + "\", " + aligned(300));
    assertThat(ShardManifest.read(HADOOP, output()).vocabularySize()).isEqualTo(300);
  }

  @Test
  void bytesAreTheSameOnOneCoreAndOnThree() throws IOException {
    String text = "shard-pairs = 150, held-out.fraction = 0.05, " + aligned(400);
    Map<String, String> two = bytesAfter(text);
    SPARK.restart(1);
    Map<String, String> one = bytesAfter(text);
    SPARK.restart(3);
    assertThat(one).hasSize(8).isEqualTo(two).isEqualTo(bytesAfter(text));
  }

  @Test
  void existingOutputIsRefusedUnlessItIsToBeReplaced() throws IOException {
    prepare(aligned(200));
    assertRefused(aligned(200), "output exists already: ", "/out; name another, or overwrite it with --overwrite");
    prepare("overwrite = true, " + aligned(250));
    assertThat(ShardManifest.read(HADOOP, output()).train().cleaning().read()).isEqualTo(250);
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void folderThatIsNoPreparedFolderIsNeverReplaced() throws IOException {
    Path precious = Files.writeString(Files.createDirectory(folder.resolve("out")).resolve("precious.txt"), "x");
    assertRefused("overwrite = true, " + aligned(200), "/out is not overwritten: it holds precious.txt, and --overwrite replaces "
      + "only a folder with nothing but what prepare writes; name another output");
    assertThat(precious).exists();
  }

  @Test
  void missingFileIsNamed() {
    assertRefused("train.source = \"" + folder + "/no.en\", train.target = \"" + folder + "/no.de\"",
      "Missing file: ", "/no.en does not exist");
  }

  @Test
  void misalignedFilesAreNamedWithTheirLineCounts() throws IOException {
    String settings = aligned(20);
    Files.writeString(folder.resolve("train.de"), "eins\n");
    assertRefused(settings, "Misaligned files: ", "train.en has 20 lines", "train.de has 1;");
  }

  @Test
  void textThatIsNotUtf8IsNamedWithItsLine() throws IOException {
    String settings = aligned(3);
    Files.write(folder.resolve("train.de"), "gut\nM\u00fcll\ngut\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(settings, "train.de, line 2 is not UTF-8");
  }

  @Test
  void emptyCorpusIsNamedWithTheReasons() throws IOException {
    String settings = aligned(3);
    Files.writeString(folder.resolve("train.en"), "\n\n\n");
    assertRefused(settings, "Empty corpus: none of the 3 pairs", "(dropped: empty 3)");
  }

  @Test
  void vocabularyLargerThanTheCorpusCanGiveIsRefused() throws IOException {
    assertRefused("tokenizer.vocabulary = 5000, " + aligned(50),
      "prepare.tokenizer.vocabulary=5000 is more than this corpus can give: ", "set prepare.tokenizer.vocabulary to ");
  }

  @Test
  void wordsAboveTheLimitAreNotLearntFrom() throws IOException {
    // The commonest words are " the" and " das"; of the next commonest there are two again, as often as each other.
    assertRefused("tokenizer.max-unique-words = 3, " + aligned(200), "prepare.tokenizer.vocabulary=300 is more than this corpus can give: ",
      " times in 2 unique words");
  }

  @Test
  void corpusOfOnlyLongSentencesIsRefused() throws IOException {
    assertRefused("max-tokens = 1, " + aligned(200), "No train pair is left: all 198 have too many tokens");
  }

  @Test
  void missingTokenizerIsNamed() throws IOException {
    assertRefused("tokenizer.path = \"" + folder + "/no.json\", " + aligned(20), "Missing tokenizer: ", "/no.json does not exist");
  }

  @Test
  void documentsBecomeRowsThatDecodeToTheText() throws IOException {
    Path text = Files.createDirectories(folder.resolve("text/more"));
    Files.writeString(folder.resolve("text/a.txt"), "First line\n  and second.\n\nAnother document\n\n\nThird\n");
    Files.writeString(text.resolve("b.txt"), "Another document\n\nBäume\n");
    PrepareSummary summary = prepare("row-tokens = 16, held-out.fraction = 0, tokenizer.kind = characters, train.text = \""
      + folder.resolve("text") + "\"");
    ShardManifest manifest = ShardManifest.read(HADOOP, output());
    assertThat(manifest.kind()).isEqualTo(ExampleKind.TOKEN_ROWS);
    assertThat(manifest.rows()).isEqualTo(new RowFormat(16, SpecialToken.END.id()));
    assertThat(manifest.train().cleaning().dropped().toString()).isEqualTo("{not-utf-8=0, empty=0, duplicate=1, held-out=0}");
    assertThat(summary.lines().get(1)).isEqualTo("  training    4 of 5 documents kept, 54 tokens in 4 rows, 1 shard");
    List<Integer> read = new ArrayList<>();
    try (BatchSequence pass = BatchSequence.onePass(HADOOP, output(), DataPart.TRAIN, new BatchPlan(1, 1000, 1), Readers.ALONE)) {
      while (pass.hasNext()) {
        pass.next().examples(TokenRow.class).forEach(row -> {
          int[] ids = row.tokens();
          Arrays.stream(ids).skip(read.isEmpty() ? 0 : 1).forEach(read::add);
        });
      }
    }
    try (Tokenizer tokenizer = Tokenizer.load(HADOOP, new org.apache.hadoop.fs.Path(output(), "tokenizer.json"))) {
      List<String> documents = new ArrayList<>();
      int begin = 1;
      for (int i = 1; i < read.size(); i++) {
        if (read.get(i) == SpecialToken.END.id()) {
          documents.add(tokenizer.decode(read.subList(begin, i).stream().mapToInt(Integer::intValue).toArray()));
          begin = i + 1;
        }
      }
      assertThat(documents).containsExactlyInAnyOrder("First line\n  and second.", "Another document", "Third", "Bäume");
    }
  }

  @Test
  void heldOutDocumentsStandBesideTheirShards() throws IOException {
    Path text = Files.writeString(folder.resolve("lines.txt"), lines(100, i -> sentence(ENGLISH, i)));
    prepare("row-tokens = 8, held-out.fraction = 0.1, text.documents = line, train.text = \"" + text + "\"");
    ShardManifest manifest = ShardManifest.read(HADOOP, output());
    assertThat(manifest.train().cleaning().kept()).isEqualTo(90);
    assertThat(manifest.validation().cleaning().kept()).isEqualTo(10);
    assertThat(Files.readAllLines(folder.resolve("out/held-out/text.jsonl"))).hasSize(10)
      .allSatisfy(line -> assertThat(line).matches("\\{\"text\":\"[a-z ]+\"}"));
  }

  @Test
  void otherVocabulariesAreLearntAndRulesOfTextApply() throws IOException {
    Path text = Files.writeString(folder.resolve("lines.txt"), lines(100, i -> sentence(ENGLISH, i)) + "two words\n");
    String settings = "row-tokens = 8, text.documents = line, text.rules = \"near-duplicate, c4-line-words\", train.text = \"" + text
      + "\"";
    PrepareSummary summary = prepare(settings + ", tokenizer.kind = unigram, tokenizer.vocabulary = 270");
    ShardManifest manifest = ShardManifest.read(HADOOP, output());
    assertThat(manifest.vocabularySize()).isEqualTo(270);
    assertThat(manifest.train().cleaning().removedLines().toString()).isEqualTo("{c4-line-words=1}");
    assertThat(manifest.train().cleaning().dropped()).containsEntry("empty", 1L).containsKey("near-duplicate");
    assertThat(summary.lines()).contains("    lines     c4-line-words 1")
      .contains("  near duplicates are found to 92.4 % at similarity 0.8, 5.3 % at 0.5 (14 bands of 8, runs of 5 words)");
    prepare(settings + ", tokenizer.kind = wordpiece, tokenizer.vocabulary = 50, overwrite = true");
    assertThat(Files.readString(folder.resolve("out/tokenizer.json"))).contains("\"WordPiece\"", "BertPreTokenizer", "\"##");
    assertThat(ShardManifest.read(HADOOP, output()).vocabularySize()).isEqualTo(50);
  }

  private void assertRefused(String settings, String... messageParts) {
    boolean existed = Files.exists(folder.resolve("out"));
    assertThatThrownBy(() -> prepare(settings)).isInstanceOf(InvalidInputException.class).message().contains(messageParts)
      .doesNotContain("\n");
    assertThat(leftovers()).isEmpty();
    assertThat(Files.exists(folder.resolve("out"))).isEqualTo(existed);
  }

  private PrepareSummary prepare(String settings) throws IOException {
    String text = "prepare { tokenizer.vocabulary = 300, output = \"" + folder.resolve("out") + "\", " + settings + " }";
    return new Preparation(SPARK.session(), Settings.parse(text, "test").prepare()).prepare();
  }

  private Map<String, String> bytesAfter(String settings) throws IOException {
    prepare("overwrite = true, " + settings);
    Map<String, String> bytes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder.resolve("out"))) {
      for (Path file : files.filter(path -> Files.isRegularFile(path) && !path.toString().endsWith(".crc")).toList()) {
        bytes.put(folder.relativize(file).toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return bytes;
  }

  /** Writes two aligned files of distinct sentences and gives the settings that name them. */
  private String aligned(int pairs) throws IOException {
    Path source = Files.writeString(folder.resolve("train.en"), lines(pairs, i -> sentence(ENGLISH, i)));
    Path target = Files.writeString(folder.resolve("train.de"), lines(pairs, i -> sentence(GERMAN, i)));
    return "train.source = \"" + source + "\", train.target = \"" + target + "\"";
  }

  private List<String> decoded(DataPart part) {
    List<String> texts = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(HADOOP, new org.apache.hadoop.fs.Path(output(), "tokenizer.json"));
       BatchSequence pass = BatchSequence.onePass(HADOOP, output(), part, new BatchPlan(1, 1000, 1), Readers.ALONE)) {
      while (pass.hasNext()) {
        for (SentencePair pair : pass.next().examples(SentencePair.class)) {
          texts.add(tokenizer.decode(pair.source()) + "|" + tokenizer.decode(pair.target()));
        }
      }
    }
    return texts;
  }

  private List<String> leftovers() {
    return Stream.of(folder.toFile().list()).filter(name -> name.startsWith(".")).toList();
  }

  private org.apache.hadoop.fs.Path output() {
    return new org.apache.hadoop.fs.Path(folder.resolve("out").toString());
  }

  private static String lines(int count, IntFunction<String> line) {
    return IntStream.range(0, count).mapToObj(i -> line.apply(i) + "\n").collect(Collectors.joining());
  }

  /** Words picked by the digits of the number in base 11, so that no two sentences are equal. */
  private static String sentence(String[] words, int number) {
    return Stream.of(number % 11, number / 11 % 11, number / 121 % 11, number * 7 % 11, number * 5 % 11)
      .map(digit -> words[digit]).collect(Collectors.joining(" "));
  }
}
