package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.SparkForTests;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFileTest {

  private static SparkSession spark;

  @TempDir
  Path folder;

  @BeforeAll
  static void start() {
    spark = SparkForTests.session();
  }

  @ParameterizedTest
  @ValueSource(strings = {"file[1].en", "f{a,b}.en", "a*.en", "a?.en", "back\\slash.en", "[", "_test.en", ".hidden", "2026-11-28T01:00.en",
      "50%.en", "a b#c.en", "a,b.en", "Übung.en"})
  void namesAreLiteral(String name) throws IOException {
    for (String other : List.of("file1.en", "fa.en", "fb.en", "ab.en", "back/slash.en")) {
      Files.createDirectories(folder.resolve(other).getParent());
      Files.writeString(folder.resolve(other), "another file\n");
    }
    Files.writeString(folder.resolve(name), "one\ntwo\n");
    assertThat(lines(folder.resolve(name).toString())).containsExactly("0 one", "1 two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none.en", "file[1].en", "*"})
  void missingFilesAreNamed(String name) throws IOException {
    Files.writeString(folder.resolve("file1.en"), "another file\n");
    assertThatThrownBy(() -> lines(folder.resolve(name).toString())).isInstanceOf(InvalidInputException.class)
      .hasMessage("Missing file: " + folder.resolve(name) + " does not exist; check the path");
  }

  @Test
  void pipesAreReadToTheirEnd() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Thread writer = new Thread(() -> {
      try {
        Files.writeString(pipe, "one\ntwo\n".repeat(20_000));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
    writer.start();
    List<String> lines = lines(pipe.toString());
    writer.join();
    assertThat(lines).hasSize(40_000).endsWith("39998 one", "39999 two");
  }

  @Test
  void filesThatHideTheirLengthAreRead() throws IOException {
    assertThat(lines("/proc/self/status").get(0)).startsWith("0 Name:");
  }

  @Test
  void standardInputIsReadOnce() throws IOException {
    InputStream own = System.in;
    System.setIn(new ByteArrayInputStream("ein\nzwei".getBytes(StandardCharsets.UTF_8)));
    try {
      TextFile text = open("-");
      assertThat(text).hasToString("standard input");
      assertThat(lines(text)).containsExactly("0 ein", "1 zwei");
      assertThatThrownBy(() -> open("-")).isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("Standard input (-) is named twice");
    } finally {
      System.setIn(own);
    }
  }

  @Test
  void staleChecksumFilesAreNotBelieved() throws IOException {
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(folder.resolve("a.txt").toString());
    try (OutputStream out = file.getFileSystem(spark.sparkContext().hadoopConfiguration()).create(file)) {
      out.write("old\ntext\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(folder.resolve(".a.txt.crc")).exists();
    Files.writeString(folder.resolve("a.txt"), "new\ntext\n");
    assertThat(lines(folder.resolve("a.txt").toString())).containsExactly("0 new", "1 text");
  }

  @Test
  void zstandardAndBzip2AreDecompressed() throws IOException {
    String text = "eine Zeile und noch eine\n".repeat(3000);
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(folder.resolve("a.zst")))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    BZip2Codec bzip2 = new BZip2Codec();
    bzip2.setConf(spark.sparkContext().hadoopConfiguration());
    try (OutputStream out = bzip2.createOutputStream(Files.newOutputStream(folder.resolve("a.bz2")))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(lines(folder.resolve("a.zst").toString())).hasSize(3000).endsWith("2999 eine Zeile und noch eine");
    assertThat(lines(folder.resolve("a.bz2").toString())).hasSize(3000).endsWith("2999 eine Zeile und noch eine");
    assertThat(open(folder.resolve("a.zst").toString()).estimatedBytes()).isEqualTo(4 * Files.size(folder.resolve("a.zst")));
  }

  @Test
  void truncatedZstandardIsNamed() throws IOException {
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(folder.resolve("whole.zst")))) {
      out.write("eine Zeile\n".repeat(3000).getBytes(StandardCharsets.UTF_8));
    }
    byte[] whole = Files.readAllBytes(folder.resolve("whole.zst"));
    Files.write(folder.resolve("cut.zst"), Arrays.copyOf(whole, whole.length - 5));
    assertThatThrownBy(() -> lines(folder.resolve("cut.zst").toString())).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("cut.zst, line ").hasMessageContaining("cannot be read").hasMessageContaining("is the file complete?");
  }

  @Test
  void compressedTextUnderAnotherNameIsExplained() throws IOException {
    Files.write(folder.resolve("text"), new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
    assertThatThrownBy(() -> lines(folder.resolve("text").toString())).isInstanceOf(InvalidInputException.class)
      .hasMessage(folder.resolve("text") + ", line 1 is not UTF-8; convert the file to UTF-8 (iconv); if it is compressed, its name must "
        + "end in .gz, .bz2 or .zst");
  }

  private static TextFile open(String name) {
    return TextFile.open(JavaSparkContext.fromSparkContext(spark.sparkContext()), new org.apache.hadoop.fs.Path(name));
  }

  private static List<String> lines(String name) {
    return lines(open(name));
  }

  private static List<String> lines(TextFile file) {
    return file.numberedLines(file.count()).map(line -> line._1() + " " + line._2()).collect();
  }
}
