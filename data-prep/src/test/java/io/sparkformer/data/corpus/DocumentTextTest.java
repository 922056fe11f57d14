package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.SparkForTests;
import io.sparkformer.data.file.ZstdCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentTextTest {

  private static SparkSession spark;

  @TempDir
  Path folder;

  @BeforeAll
  static void start() {
    spark = SparkForTests.session();
  }

  @Test
  void filesLinesAndWhatStandsBetweenEmptyLinesAreDocuments() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "\uFEFFone\ntwo\n\n\nthree\n \t\nfour\n");
    assertThat(read(text, DocumentFormat.FILE)).containsExactly("one\ntwo\n\n\nthree\n \t\nfour\n");
    assertThat(read(text, DocumentFormat.LINE)).containsExactly("one", "two", "", "", "three", " \t", "four");
    assertThat(read(text, DocumentFormat.BLANK_LINE)).containsExactly("one\ntwo", "three", "four\n");
  }

  @Test
  void linesThatEndWithCrLfDivideDocumentsToo() throws IOException {
    Path text = Files.writeString(folder.resolve("windows.txt"), "one\r\ntwo\r\n\r\nthree\r\n\r\n\r\nfour\r\n");
    assertThat(read(text, DocumentFormat.BLANK_LINE)).containsExactly("one\r\ntwo", "three", "four\r\n");
    assertThat(DocumentCleaning.normalized("a\r\nb\rc\n  d  \n")).isEqualTo("a\nb\nc\n  d");
  }

  @Test
  void compressedFilesAreReadLikePlainOnes() throws Exception {
    String text = IntStream.range(0, 2000).mapToObj(i -> "document " + i + "\nsecond line\n\n").reduce("", String::concat);
    List<String> expected = read(Files.writeString(folder.resolve("plain"), text), DocumentFormat.BLANK_LINE);
    assertThat(expected).hasSize(2000);
    Path gzip = folder.resolve("text.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    Path bzip2 = folder.resolve("text.bz2");
    BZip2Codec codec = new BZip2Codec();
    codec.setConf(new Configuration());
    try (OutputStream out = codec.createOutputStream(Files.newOutputStream(bzip2))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    Path zstd = folder.resolve("text.zst");
    try (OutputStream out = new ZstdCodec().createOutputStream(Files.newOutputStream(zstd))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    for (Path file : List.of(gzip, bzip2, zstd)) {
      assertThat(read(file, DocumentFormat.BLANK_LINE)).as(file.toString()).isEqualTo(expected);
      assertThat(read(file, DocumentFormat.FILE)).as(file.toString()).containsExactly(text);
    }
  }

  @Test
  void foldersAreReadInTheOrderOfTheirPathsAndHiddenFilesPassedOver() throws IOException {
    Files.createDirectories(folder.resolve("text/b"));
    Files.createDirectories(folder.resolve("text/_temporary"));
    Files.writeString(folder.resolve("text/c"), "3");
    Files.writeString(folder.resolve("text/b/x"), "2");
    Files.writeString(folder.resolve("text/a"), "1");
    Files.writeString(folder.resolve("text/.hidden"), "hidden");
    Files.writeString(folder.resolve("text/_temporary/part"), "unfinished");
    assertThat(read(folder.resolve("text"), DocumentFormat.FILE)).containsExactly("1", "2", "3");
    assertThat(read(folder.resolve("text/[ac]"), DocumentFormat.FILE)).containsExactly("1", "3");
  }

  /** A name that is there is that file's, whatever it would match as a pattern. */
  @Test
  void existingNameIsNoPattern() throws IOException {
    Files.writeString(folder.resolve("a"), "another");
    Path literal = Files.writeString(folder.resolve("[ab]"), "this one");
    assertThat(read(literal, DocumentFormat.FILE)).containsExactly("this one");
  }

  @Test
  void largeFileIsReadInPiecesAndNothingTwice() throws IOException {
    Path text = folder.resolve("large.txt");
    int documents = 6_000;
    try (var out = Files.newBufferedWriter(text)) {
      for (int i = 0; i < documents; i++) {
        out.write("number " + i + " and more text that makes it longer than a line would be without it\n" + (i % 3 == 0 ? "\n" : ""));
      }
    }
    for (DocumentFormat format : List.of(DocumentFormat.LINE, DocumentFormat.BLANK_LINE)) {
      DocumentText opened = open(text, format);
      var table = opened.read(spark, 20_011).filter("length(text) > 0").cache();
      assertThat(table.javaRDD().getNumPartitions()).isGreaterThan(20);
      assertThat(table.select("line").distinct().count()).isEqualTo(table.count());
      Row lines = table.selectExpr("sum(size(split(text, '\\n')) - if(endswith(text, '\\n'), 1, 0))", "count(1)").first();
      assertThat(lines.getLong(0)).as(format.toString()).isEqualTo(documents);
      assertThat(lines.getLong(1)).isEqualTo(format == DocumentFormat.LINE ? documents : documents / 3 + 1);
      table.unpersist();
    }
  }

  @Test
  void whatIsNotUtf8IsDroppedByName() throws IOException {
    Path text = folder.resolve("latin1");
    Files.write(text, "gut\nB\u00e4ume\nauch gut\ngut\n\n".getBytes(StandardCharsets.ISO_8859_1));
    try (CleanedText cleaned = new DocumentCleaning(EnumSet.of(DocumentRule.DUPLICATE), MinHash.USUAL, Optional.empty())
        .clean(spark, open(text, DocumentFormat.LINE))) {
      assertThat(cleaned.report().dropped().toString()).isEqualTo("{not-utf-8=1, empty=1, duplicate=1}");
      assertThat(cleaned.text().sort("line").collectAsList()).extracting(row -> row.getString(1)).containsExactly("gut", "auch gut");
    }
  }

  @Test
  void fieldOfJsonLinesAndColumnOfParquetAreDocuments() throws IOException {
    Path json = Files.writeString(folder.resolve("text.jsonl"),
      "{\"id\": 1, \"body\": \"two\\nlines\"}\n\n{\"body\": \"B\\u00e4ume\", \"id\": 2}\n");
    assertThat(read(json, DocumentFormat.JSON)).containsExactly("two\nlines", "B\u00e4ume");
    Files.writeString(json, "{\"body\": 3}\n");
    assertThatThrownBy(() -> read(json, DocumentFormat.JSON)).hasStackTraceContaining("text.jsonl, line at byte 0: the field body is "
      + "not text but NUMBER; fix the line, or set prepare.text.column");
    Path parquet = folder.resolve("table[1]");
    spark.sql("select id, concat('text ', id) body from range(0, 100, 1, 3)").write().parquet(parquet.toString());
    assertThat(read(parquet, DocumentFormat.PARQUET)).hasSize(100).startsWith("text 0", "text 1").endsWith("text 99");
  }

  @Test
  void documentsWithThirteenWordsOfTheTestTextAreDropped() throws IOException {
    String run = "one two three four five six seven eight nine ten eleven twelve";
    Path test = Files.writeString(folder.resolve("test.txt"), "Another line.\nIt says: " + run + " thirteen fourteen.\n");
    Path text = Files.writeString(folder.resolve("train.txt"), "before " + run.toUpperCase(java.util.Locale.ROOT) + ", Thirteen and after\n"
      + run + " but then something else\nAnother line.\n");
    DocumentCleaning cleaning = new DocumentCleaning(EnumSet.noneOf(DocumentRule.class), MinHash.USUAL,
      Optional.of(open(test, DocumentFormat.FILE)));
    try (CleanedText cleaned = cleaning.clean(spark, open(text, DocumentFormat.LINE))) {
      assertThat(cleaned.report().dropped().toString()).isEqualTo("{not-utf-8=0, empty=0, contaminated=1}");
      assertThat(cleaned.text().sort("line").collectAsList()).extracting(row -> row.getString(1))
        .containsExactly(run + " but then something else", "Another line.");
    }
  }

  @Test
  void linesAndDocumentsOfOtherLanguagesAreRemovedAndCounted() throws IOException {
    String english = "The house stood at the end of the lane, and nobody had lived in it.";
    Path text = Files.writeString(folder.resolve("pages"), english + "\nMenu\n  So it was.  \nPlease enable Javascript to see this page.\n"
      + "We use cookies on this page.\nHome.\n\nHome | About\nMenu\n\n"
      + "Das Haus stand am Ende der Straße, und niemand hatte seit Jahren darin gewohnt.\n");
    DocumentCleaning cleaning = new DocumentCleaning(EnumSet.noneOf(DocumentRule.class), EnumSet.allOf(LineRule.class), MinHash.USUAL,
      Optional.of(Languages.of(List.of("en"))), Optional.empty());
    try (CleanedText cleaned = cleaning.clean(spark, open(text, DocumentFormat.BLANK_LINE))) {
      assertThat(cleaned.report().dropped().toString()).isEqualTo("{not-utf-8=0, empty=1, language=1}");
      assertThat(cleaned.report().removedLines().toString())
        .isEqualTo("{c4-line-punctuation=3, c4-line-words=1, c4-line-javascript=1, c4-line-policy=1}");
      assertThat(cleaned.report().removedLinesText())
        .isEqualTo("c4-line-punctuation 3, c4-line-words 1, c4-line-javascript 1, c4-line-policy 1");
      assertThat(cleaned.text().collectAsList()).extracting(row -> row.getString(1)).containsExactly(english + "\n  So it was.");
    }
  }

  @Test
  void missingTextIsNamed() {
    assertThatThrownBy(() -> open(folder.resolve("nothing*"), DocumentFormat.LINE)).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("no file or folder is called").hasMessageContaining("nothing*");
    assertThatThrownBy(() -> open(folder, DocumentFormat.LINE)).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("holds no file");
  }

  private static DocumentText open(Path path, DocumentFormat format) {
    return DocumentText.open(JavaSparkContext.fromSparkContext(spark.sparkContext()), new org.apache.hadoop.fs.Path(path.toString()),
      format, "body");
  }

  private static List<String> read(Path path, DocumentFormat format) {
    List<String> texts = new ArrayList<>();
    for (Row row : open(path, format).read(spark).sort("line").collectAsList()) {
      texts.add(row.getString(1));
    }
    return texts;
  }
}
