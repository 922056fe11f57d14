package io.sparkformer.jobs.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StagedOutputTest {
  private static final String PART = "part-00000-0123abcd-0123-0123-0123-0123456789ab-c000.json";

  private final Configuration hadoop = new Configuration();
  @TempDir
  private Path folder;

  @Test
  void outputAppearsWhenItIsCommittedAndNothingElseIsLeft() throws IOException {
    StagedOutput output = new StagedOutput(hadoop, text(Existing.REFUSE));
    write(output, "new");
    assertThat(folder.resolve("out")).doesNotExist();
    output.commit();
    output.close();
    assertThat(folder.resolve("out")).hasContent("new");
    assertThat(names()).containsExactly("out");
  }

  @Test
  void nothingIsLeftOfAnOutputThatIsNotCommitted() throws IOException {
    Files.writeString(folder.resolve("out"), "old");
    try (StagedOutput output = new StagedOutput(hadoop, text(Existing.REPLACE))) {
      write(output, "new");
    }
    assertThat(folder.resolve("out")).hasContent("old");
    assertThat(names()).containsExactly("out");
  }

  @Test
  void whatAppearedMeanwhileIsNotOverwrittenAndWhatWasMadeIsKept() throws IOException {
    try (StagedOutput output = new StagedOutput(hadoop, text(Existing.REFUSE))) {
      write(output, "new");
      Files.writeString(folder.resolve("out"), "of another");
      assertThatThrownBy(output::commit).isInstanceOf(InvalidInputException.class)
          .hasMessage("output exists already: " + folder.resolve("out") + "; name another, or overwrite it with --overwrite");
    }
    assertThat(folder.resolve("out")).hasContent("of another");
    assertThat(names()).hasSize(2).allMatch(name -> name.equals("out") || Files.exists(folder.resolve(name + "/whole")));
  }

  @Test
  void aFolderThatBecameForeignMeanwhileIsNotReplaced() throws IOException {
    try (StagedOutput output = new StagedOutput(hadoop, text(Existing.REPLACE))) {
      write(output, "new");
      Files.writeString(Files.createDirectory(folder.resolve("out")).resolve("thesis.txt"), "keep");
      assertThatThrownBy(output::commit).isInstanceOf(InvalidInputException.class).hasMessageContaining("it is a folder");
    }
    assertThat(folder.resolve("out/thesis.txt")).hasContent("keep");
  }

  @ParameterizedTest
  @EnumSource
  void foldersWithAnythingElseAreNotReplaced(OutputKind kind) throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve("out/sub")).resolve("thesis.txt"), "keep");
    assertThatThrownBy(() -> new StagedOutput(hadoop, target(kind, Existing.REPLACE))).isInstanceOf(InvalidInputException.class)
        .hasMessageMatching("output .*/out is not overwritten: it (is a folder|holds sub), and --overwrite replaces only .*; name another "
            + "output");
    assertThat(folder.resolve("out/sub/thesis.txt")).exists();
    assertThat(names()).containsExactly("out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"part-of-my-life.txt", "notes", ".hidden", "_SUCCESS.old", "part-00000"})
  void oneForeignFileInATableProtectsIt(String name) throws IOException {
    table("out");
    Files.writeString(folder.resolve("out").resolve(name), "keep");
    assertThatThrownBy(() -> new StagedOutput(hadoop, target(OutputKind.TABLE, Existing.REPLACE))).hasMessageContaining("it holds " + name);
  }

  @Test
  void aCheckpointIsNoPreparedFolderThoughItHasAManifest() throws IOException {
    Files.createDirectories(folder.resolve("out"));
    for (String file : List.of("manifest.json", "tokenizer.json", "model.safetensors")) {
      Files.writeString(folder.resolve("out").resolve(file), "{}");
    }
    assertThatThrownBy(() -> new StagedOutput(hadoop, target(OutputKind.PREPARED, Existing.REPLACE)))
        .hasMessageContaining("it holds model.safetensors");
  }

  @Test
  void aTableIsReplacedAndItsMarkerIsWrittenLast() throws IOException {
    table("out");
    try (StagedOutput output = new StagedOutput(hadoop, target(OutputKind.TABLE, Existing.REPLACE))) {
      FileSystem files = output.path().getFileSystem(hadoop);
      write(new org.apache.hadoop.fs.Path(output.path(), PART), "new");
      files.create(new org.apache.hadoop.fs.Path(output.path(), "_SUCCESS")).close();
      output.commit();
    }
    assertThat(folder.resolve("out").resolve(PART)).hasContent("new");
    assertThat(folder.resolve("out/_SUCCESS")).exists();
    assertThat(names()).containsExactly("out");
  }

  @Test
  void devicesAndLinksToNothingAreNotReplaced() throws IOException {
    assertThatThrownBy(() -> new StagedOutput(hadoop, new OutputTarget(new org.apache.hadoop.fs.Path("/dev/null"), OutputKind.TEXT,
        Existing.REPLACE, List.of()))).hasMessageContaining("output /dev/null is not overwritten: it is no regular file");
    Files.createSymbolicLink(folder.resolve("out"), folder.resolve("nowhere"));
    assertThatThrownBy(() -> new StagedOutput(hadoop, text(Existing.REPLACE))).hasMessageContaining("it is no regular file");
    assertThatThrownBy(() -> new StagedOutput(hadoop, text(Existing.REFUSE))).hasMessageContaining("output exists already");
  }

  @Test
  void aLinkIsFollowedAndStays() throws IOException {
    Files.writeString(folder.resolve("real"), "old");
    Files.createSymbolicLink(folder.resolve("out"), folder.resolve("real"));
    try (StagedOutput output = new StagedOutput(hadoop, text(Existing.REPLACE))) {
      write(output, "new");
      output.commit();
    }
    assertThat(folder.resolve("real")).hasContent("new");
    assertThat(folder.resolve("out")).isSymbolicLink();
  }

  @ParameterizedTest
  @ValueSource(strings = {"in.txt", "./other/../in.txt", "link/in.txt", "file-link"})
  void anInputIsNeverReplacedHoweverItIsSpelled(String output) throws IOException {
    Files.writeString(folder.resolve("in.txt"), "keep");
    Files.createDirectory(folder.resolve("other"));
    Files.createSymbolicLink(folder.resolve("link"), folder);
    Files.createSymbolicLink(folder.resolve("file-link"), folder.resolve("in.txt"));
    String uri = folder.resolve("in.txt").toUri().toString();
    for (String input : List.of(folder + "/in.txt", uri, folder + "/file-link", folder + "/i?.txt")) {
      OutputTarget target = new OutputTarget(new org.apache.hadoop.fs.Path(folder + "/" + output), OutputKind.TEXT, Existing.REPLACE,
          List.of(new org.apache.hadoop.fs.Path(input)));
      assertThatThrownBy(() -> target.check(hadoop)).as(input).isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("is not overwritten: it is ").hasMessageContaining(", which this job reads; name another output");
    }
  }

  @Test
  void neitherWhatHoldsAnInputNorAPartOfOneIsReplaced() throws IOException {
    table("out/part-00000-0123abcd-0123-0123-0123-0123456789ab");
    org.apache.hadoop.fs.Path inner = path("out/part-00000-0123abcd-0123-0123-0123-0123456789ab");
    assertThatThrownBy(() -> new OutputTarget(path("out"), OutputKind.TABLE, Existing.REPLACE, List.of(inner)).check(hadoop))
        .hasMessageContaining("out is not overwritten: it holds " + inner + ", which this job reads");
    assertThatThrownBy(() -> new OutputTarget(new org.apache.hadoop.fs.Path(inner, PART), OutputKind.TEXT, Existing.REPLACE,
        List.of(path("out"))).check(hadoop)).hasMessageContaining("it is part of " + path("out") + ", which this job reads");
  }

  @Test
  void aPartOfWhatAnotherJobWroteIsNotReplaced() throws IOException {
    Path heldOut = Files.createDirectories(folder.resolve("data/held-out")).resolve("target.txt");
    Files.writeString(heldOut, "keep");
    OutputTarget target = new OutputTarget(path("data/held-out/target.txt"), OutputKind.TEXT, Existing.REPLACE, List.of());
    target.check(hadoop);
    Files.writeString(folder.resolve("data/manifest.json"), "{}");
    assertThatThrownBy(() -> target.check(hadoop)).isInstanceOf(InvalidInputException.class).hasMessage("output " + target.path()
        + " is not overwritten: it is part of file:" + folder.toRealPath() + "/data, which would not be whole without it; name another "
        + "output");
    Files.writeString(folder.resolve("data/notes.txt"), "so it is nobody's folder but a person's");
    target.check(hadoop);
  }

  @Test
  void anOutputThatCannotBeCreatedIsNamedWithTheReason() throws IOException {
    assertThatThrownBy(() -> new StagedOutput(hadoop, new OutputTarget(new org.apache.hadoop.fs.Path("/proc/nowhere/x"), OutputKind.TEXT,
        Existing.REFUSE, List.of()))).isInstanceOf(InvalidInputException.class).hasMessage("output /proc/nowhere/x cannot be created: "
        + "/proc cannot be written to; name another place, or let this user write there");
    Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> OutputFolder.requireWritable(hadoop, path("file/run"))).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("file/run cannot be created: " + folder.resolve("file") + " is no folder");
    OutputFolder.requireWritable(hadoop, path("new/run"));
    assertThat(folder.resolve("new/run")).isEmptyDirectory();
  }

  @Test
  void theChecksumOfAReplacedFileDoesNotSpoilTheNewOne() throws IOException {
    write(path("out"), "old, with Hadoop's checksum beside it");
    assertThat(folder.resolve(".out.crc")).exists();
    try (StagedOutput output = new StagedOutput(hadoop, text(Existing.REPLACE))) {
      Files.writeString(Files.createDirectories(Path.of(output.path().getParent().toUri())).resolve("whole"), "new");
      output.commit();
    }
    try (var in = path("out").getFileSystem(hadoop).open(path("out"))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("new");
    }
  }

  @Test
  void onAnObjectStoreTheFileThatMakesAFolderWholeComesLastAndTheOldOneStaysUntilThen() throws IOException {
    ObjectStore.register(hadoop);
    Files.createDirectories(folder.resolve("out"));
    Files.writeString(folder.resolve("out/manifest.json"), "old");
    OutputTarget target = new OutputTarget(ObjectStore.path(folder.resolve("out")), OutputKind.PREPARED, Existing.REPLACE, List.of());
    try (StagedOutput output = new StagedOutput(hadoop, target)) {
      for (String file : List.of("manifest.json", "tokenizer.json", "train/shard-00000.parquet")) {
        write(new org.apache.hadoop.fs.Path(output.path(), file), "new");
      }
      ObjectStore.failWith((operation, file) -> {
        if (operation.equals("move") && file.getName().startsWith("shard-")) {
          throw new IOException("connection reset");
        }
      });
      assertThatThrownBy(output::commit).isInstanceOf(IOException.class).hasMessage("connection reset");
    } finally {
      ObjectStore.failWith(null);
    }
    assertThat(folder.resolve("out/manifest.json")).doesNotExist();
    assertThat(names().stream().filter(name -> name.endsWith(".old"))).singleElement()
        .satisfies(old -> assertThat(folder.resolve(old + "/manifest.json")).hasContent("old"));
    try (StagedOutput output = new StagedOutput(hadoop, target)) {
      write(new org.apache.hadoop.fs.Path(output.path(), "manifest.json"), "newer");
      output.commit();
    }
    assertThat(folder.resolve("out/manifest.json")).hasContent("newer");
  }

  private void table(String name) throws IOException {
    Files.createDirectories(folder.resolve(name));
    for (String file : List.of(PART, "." + PART + ".crc", "_SUCCESS", "._SUCCESS.crc")) {
      Files.writeString(folder.resolve(name).resolve(file), "old");
    }
  }

  private OutputTarget text(Existing existing) {
    return target(OutputKind.TEXT, existing);
  }

  private OutputTarget target(OutputKind kind, Existing existing) {
    return new OutputTarget(path("out"), kind, existing, List.of());
  }

  private void write(StagedOutput output, String text) throws IOException {
    FileSystem files = output.path().getFileSystem(hadoop);
    write(output.path(), text);
    files.delete(new org.apache.hadoop.fs.Path(output.path().getParent(), ".whole.crc"), false);
  }

  private void write(org.apache.hadoop.fs.Path file, String text) throws IOException {
    try (OutputStream out = file.getFileSystem(hadoop).create(file)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toString());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
