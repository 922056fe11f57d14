package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.SparkForTests;
import io.sparkformer.data.corpus.ParallelText.AlignedFiles;
import io.sparkformer.data.corpus.ParallelText.TabSeparatedFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParallelTextTest {

  private static final String SPLIT_BYTES = "mapreduce.input.fileinputformat.split.maxsize";

  private static SparkSession spark;

  @TempDir
  Path folder;

  @BeforeAll
  static void start() {
    spark = SparkForTests.session();
  }

  @Test
  void alignedFilesGiveNumberedPairs() throws IOException {
    assertThat(read(aligned(file("a.en", "one\ntwo\n"), file("a.de", "eins\nzwei"))))
      .containsExactly("0|one|eins", "1|two|zwei");
  }

  @Test
  void gzipFilesAreRead() throws IOException {
    assertThat(read(aligned(gzip("a.en.gz", "one\ntwo\n"), gzip("a.de.gz", "eins\nzwei\n"))))
      .containsExactly("0|one|eins", "1|two|zwei");
  }

  @Test
  void byteOrderMarkAndCarriageReturnsAreNoText() throws IOException {
    assertThat(read(aligned(file("a.en", "\uFEFFone\r\ntwo\r\n"), gzip("a.de.gz", "\uFEFFeins\nzwei \uFEFF\r\n"))))
      .containsExactly("0|one|eins", "1|two|zwei \uFEFF");
  }

  @Test
  void onlyLineFeedsEndLines() throws IOException {
    assertThat(read(aligned(file("a.en", "one\rand\u2028more\u0085\ntwo\n"), file("a.de", "eins\nzwei\n"))))
      .containsExactly("0|one\rand\u2028more\u0085|eins", "1|two|zwei");
  }

  @Test
  void emptyLinesKeepTheSidesAligned() throws IOException {
    assertThat(read(aligned(file("a.en", "\n\nthree\n"), file("a.de", "eins\n\ndrei\n"))))
      .containsExactly("0||eins", "1||", "2|three|drei");
  }

  @Test
  void filesCutIntoManyPartitionsStayAligned() throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    hadoop.set(SPLIT_BYTES, "997");
    try {
      String english = IntStream.range(0, 3000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
      String german = IntStream.range(0, 3000).mapToObj(i -> "die Zeile Nummer " + i + " ä\r\n").collect(Collectors.joining());
      List<String> pairs = read(aligned(file("long.en", english), file("long.de", german)));
      assertThat(pairs).hasSize(3000);
      for (int i = 0; i < 3000; i++) {
        assertThat(pairs.get(i)).isEqualTo(i + "|line " + i + "|die Zeile Nummer " + i + " ä");
      }
    } finally {
      hadoop.unset(SPLIT_BYTES);
    }
  }

  @Test
  void badBytesInALaterPartitionAreNamedByTheirLine() throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    hadoop.set(SPLIT_BYTES, "50");
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int i = 1; i <= 100; i++) {
        bytes.write(("Zeile " + i + "\n").getBytes(StandardCharsets.UTF_8));
        if (i == 76 || i == 90) {
          bytes.write("M\u00FCll\n".getBytes(StandardCharsets.ISO_8859_1));
        }
      }
      Path latin = Files.write(folder.resolve("latin.de"), bytes.toByteArray());
      Path good = file("good.en", "x\n".repeat(102));
      assertThatThrownBy(() -> read(aligned(good, latin))).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("latin.de, line 77 is not UTF-8; convert the file to UTF-8");
    } finally {
      hadoop.unset(SPLIT_BYTES);
    }
  }

  @Test
  void filesOfDifferentLengthAreMisaligned() throws IOException {
    Path english = file("a.en", "one\ntwo\nthree\n");
    Path german = file("a.de", "eins\nzwei\n");
    assertThatThrownBy(() -> read(aligned(english, german))).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Misaligned files: ").hasMessageContaining("a.en has 3 lines").hasMessageContaining("a.de has 2;");
  }

  @Test
  void missingFileAndFolderAreNamed() throws IOException {
    Path english = file("a.en", "one\n");
    assertThatThrownBy(() -> read(aligned(english, folder.resolve("none.de")))).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Missing file: ").hasMessageContaining("none.de does not exist");
    assertThatThrownBy(() -> read(aligned(english, folder))).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Not a file: ").hasMessageContaining("is a folder");
  }

  @Test
  void emptyFilesAreAnEmptyCorpus() throws IOException {
    Path english = file("a.en", "");
    Path german = file("a.de", "");
    assertThatThrownBy(() -> read(aligned(english, german))).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Empty corpus: ").hasMessageContaining("hold no line");
  }

  @Test
  void truncatedGzipIsNamed() throws IOException {
    byte[] whole = Files.readAllBytes(gzip("whole.gz", "ein Satz und noch einer\n".repeat(50)));
    Path cut = Files.write(folder.resolve("cut.de.gz"), Arrays.copyOf(whole, whole.length - 12));
    Path english = file("a.en", "x\n".repeat(50));
    assertThatThrownBy(() -> read(aligned(english, cut))).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("cut.de.gz, line ").hasMessageContaining("cannot be read").hasMessageContaining("is the file complete?");
  }

  @Test
  void columnsOfTabSeparatedTextAreChosenByNumber() throws IOException {
    Path tsv = file("a.tsv", "id1\teins\tone\trest\nid2\tzwei\ttwo\n\n");
    assertThat(read(new TabSeparatedFile(open(tsv), 3, 2))).containsExactly("0|one|eins", "1|two|zwei", "2||");
  }

  @Test
  void lineWithTooFewColumnsIsNamed() throws IOException {
    Path tsv = file("a.tsv", "one\teins\ntwo zwei\n");
    assertThatThrownBy(() -> read(new TabSeparatedFile(open(tsv), 1, 2))).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("a.tsv, line 2 has 1 tab-separated column, 2 needed");
  }

  private List<String> read(ParallelText text) {
    return text.read(spark).orderBy(ParallelText.LINE).select(ParallelText.LINE, ParallelText.SOURCE, ParallelText.TARGET)
      .collectAsList().stream().map(row -> row.getLong(0) + "|" + row.getString(1) + "|" + row.getString(2)).toList();
  }

  private static AlignedFiles aligned(Path source, Path target) {
    return new AlignedFiles(open(source), open(target));
  }

  private static TextFile open(Path path) {
    return TextFile.open(JavaSparkContext.fromSparkContext(spark.sparkContext()), new org.apache.hadoop.fs.Path(path.toString()));
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Path gzip(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }
}
