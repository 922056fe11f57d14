package io.sparkformer.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.hub.DamagedFileException;
import io.sparkformer.model.hub.TensorNaming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
  @TempDir
  private Path output;
  private CheckpointStore store;
  private Path tokenizer;
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void openStore() throws IOException {
    store = new CheckpointStore(TinyRun.HADOOP, TinyRun.hadoopPath(output));
    tokenizer = TinyRun.tokenizer(output);
  }

  @Test
  void outputWithoutCheckpointsHasNoLatest() throws IOException {
    assertThat(store.latest(warnings::add)).isEmpty();
    assertThat(store.best(warnings::add)).isEmpty();
    assertThat(store.bestStep()).isEmpty();
    store.prune(1);
    store.discardUnfinished();
    assertThat(warnings).isEmpty();
  }

  @Test
  void everyTruncationIsDetectedAndTheCheckpointBeforeIsUsed() throws IOException {
    saveTwo();
    for (Path file : files(folder(20))) {
      byte[] bytes = Files.readAllBytes(file);
      for (int length = 0; length < bytes.length; length += Math.max(1, bytes.length / 20)) {
        Files.write(file, Arrays.copyOf(bytes, length));
        assertFallsBackTo10(file);
      }
      Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
      assertFallsBackTo10(file);
      Files.delete(file);
      assertFallsBackTo10(file);
      Files.write(file, bytes);
    }
    assertThat(store.latest(warnings::add).orElseThrow().step()).isEqualTo(20);
  }

  @Test
  void everyFlippedBitIsDetectedAndTheCheckpointBeforeIsUsed() throws IOException {
    saveTwo();
    Random random = new Random(5);
    for (Path file : files(folder(20))) {
      byte[] bytes = Files.readAllBytes(file);
      // Every byte of the manifest, which is its own witness; a sample of the others.
      int step = file.endsWith("manifest.json") ? 1 : Math.max(1, bytes.length / 30);
      for (int at = 0; at < bytes.length; at += step) {
        byte[] altered = bytes.clone();
        altered[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, altered);
        assertFallsBackTo10(file);
      }
      Files.write(file, bytes);
    }
    assertThat(store.latest(warnings::add).orElseThrow().step()).isEqualTo(20);
  }

  private void assertFallsBackTo10(Path damaged) throws IOException {
    warnings.clear();
    assertThat(store.latest(warnings::add).orElseThrow().step()).isEqualTo(10);
    assertThat(warnings).singleElement().asString().startsWith("Damaged checkpoint: ")
        .contains("step-00000020/" + damaged.getFileName() + ": ").endsWith("Trying the one of step 10.");
  }

  @Test
  void warningNamesFileExpectedAndFound() throws IOException {
    saveTwo();
    Path model = folder(20).resolve("model.safetensors");
    long size = Files.size(model);
    Files.write(model, Arrays.copyOf(Files.readAllBytes(model), 99));
    store.latest(warnings::add);
    assertThat(warnings).singleElement().asString().isEqualTo("Damaged checkpoint: " + store.draft(20, "x").target()
        + "/model.safetensors: expected " + size + " bytes, found 99. Trying the one of step 10.");
  }

  @Test
  void noWholeCheckpointIsAnError() throws IOException {
    saveTwo();
    Files.delete(folder(10).resolve("config.json"));
    Files.write(folder(20).resolve("manifest.json"), new byte[0]);
    assertThatThrownBy(() -> store.latest(warnings::add)).isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("is whole: ").hasMessageContaining("step-00000020/manifest.json: cut off or altered")
        .hasMessageContaining("step-00000010/config.json: missing, expected ").hasMessageContaining("Restore one from a copy");
  }

  @Test
  void folderWithoutManifestIsNoCheckpoint() throws IOException {
    saveTwo();
    Files.delete(folder(20).resolve("manifest.json"));
    assertThat(store.steps()).containsExactly(10L);
    store.prune(1);
    assertThat(store.latest(warnings::add).orElseThrow().step()).isEqualTo(10);
    assertThat(warnings).singleElement().asString().isEqualTo("Damaged checkpoint: " + store.draft(20, "x").target()
        + "/manifest.json: missing, so it was not written to its end. Trying the one of step 10.");
    assertThatThrownBy(() -> store.markBest(20, new ObjectMapper().createObjectNode())).hasMessageEndingWith("it does not exist");
    Files.delete(folder(10).resolve("manifest.json"));
    assertThat(store.latest(warnings::add)).isEmpty();
    new TinyRun(100).save(store, 20, tokenizer);
    new TinyRun(100).save(store, 30, tokenizer);
    store.prune(1);
    assertThat(names()).containsExactly("step-00000030");
  }

  @Test
  void unfinishedCheckpointsAreNeitherSeenNorKept() throws IOException {
    saveTwo();
    TinyRun run = new TinyRun(50, 100);
    run.write(store.draft(30, "attempt3"), 30, tokenizer);
    Files.createDirectories(output.resolve("checkpoints/.discarded-step-00000001"));
    assertThat(store.latest(warnings::add).orElseThrow().step()).isEqualTo(20);
    store.discardUnfinished();
    assertThat(names()).containsExactly("step-00000010", "step-00000020");
    assertThat(warnings).isEmpty();
  }

  @Test
  void pruningKeepsTheNewestAndTheBest() throws IOException {
    for (int step = 1; step <= 6; step++) {
      new TinyRun(100).save(store, step, tokenizer);
      if (step == 2 || step == 3) {
        store.markBest(step, new ObjectMapper().createObjectNode().put("loss", 4.0 / step));
      }
    }
    assertThat(store.bestStep()).hasValue(3);
    store.prune(2);
    assertThat(names()).containsExactly("best-step-00000003.json", "step-00000003", "step-00000005", "step-00000006");
    assertThat(store.best(warnings::add).orElseThrow().step()).isEqualTo(3);
    store.markBest(6, new ObjectMapper().createObjectNode());
    store.prune(1);
    assertThat(names()).containsExactly("best-step-00000006.json", "step-00000006");
    assertThatThrownBy(() -> store.prune(0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid number of checkpoints to keep: 0 (must be >= 1)");
    assertThatThrownBy(() -> store.markBest(3, new ObjectMapper().createObjectNode())).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot mark").hasMessageEndingWith("as the best checkpoint: it does not exist");
  }

  @Test
  void aMarkWithALossThatIsNoNumberDoesNotCount() throws IOException {
    saveTwo();
    store.markBest(10, new ObjectMapper().createObjectNode().put("validation_nll", Double.NaN));
    assertThat(store.bestStep()).isEmpty();
    assertThat(store.best(warnings::add).orElseThrow().step()).isEqualTo(20);
    store.markBest(10, new ObjectMapper().createObjectNode().put("validation_nll", 1.5));
    assertThat(store.bestStep()).hasValue(10);
  }

  @Test
  void bestOfARunThatWentBackIsTheOneMarkedLast() throws IOException {
    saveTwo();
    store.markBest(20, new ObjectMapper().createObjectNode());
    store.markBest(10, new ObjectMapper().createObjectNode());
    assertThat(store.bestStep()).hasValue(10);
  }

  @Test
  void checkpointOfTheSameStepIsReplaced() throws IOException {
    saveTwo();
    TinyRun other = new TinyRun(30, 100);
    other.train(1);
    other.save(store, 20, tokenizer);
    TinyRun read = new TinyRun(100);
    Checkpoint latest = store.latest(warnings::add).orElseThrow();
    latest.readModel(read.tensors, TensorNaming.EXACT);
    assertThat(read.flat.toArray()).isEqualTo(other.flat.toArray());
    assertThat(names()).containsExactly("step-00000010", "step-00000020");
  }

  @Test
  void modelIsFoundInACheckpointOrATrainingOutput() throws IOException {
    saveTwo();
    assertThat(resolve(output).step()).isEqualTo(20);
    assertThat(resolve(folder(10)).step()).isEqualTo(10);
    store.markBest(10, new ObjectMapper().createObjectNode());
    assertThat(resolve(output).step()).isEqualTo(10);
    // Translating needs no optimizer state, and a copy may leave it out.
    Files.delete(folder(10).resolve("optimizer-00000-of-00001.safetensors"));
    assertThat(resolve(folder(10)).step()).isEqualTo(10);
    Files.delete(folder(10).resolve("tokenizer.json"));
    assertThatThrownBy(() -> resolve(folder(10))).isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("step-00000010/tokenizer.json: missing, expected 24 bytes");
    assertThat(resolve(output).step()).isEqualTo(20);
    assertThat(warnings).singleElement().asString().contains("tokenizer.json: missing").endsWith("Trying the one of step 20.");
  }

  @Test
  void pathWithoutModelIsNamed() throws IOException {
    Path data = Files.createDirectories(output.resolve("prepared"));
    Files.writeString(data.resolve("manifest.json"), "{}");
    assertThatThrownBy(() -> resolve(data)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("prepared: it is neither"
        + " a checkpoint (with model.safetensors) nor a training output (with checkpoints/step-...)");
    assertThatThrownBy(() -> resolve(output.resolve("nowhere"))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("nowhere: there is no such folder");
  }

  private Checkpoint resolve(Path path) throws IOException {
    return CheckpointStore.resolveModel(TinyRun.HADOOP, TinyRun.hadoopPath(path), warnings::add);
  }

  private void saveTwo() throws IOException {
    TinyRun run = new TinyRun(100);
    run.train(1);
    run.save(store, 10, tokenizer);
    run.train(1);
    run.save(store, 20, tokenizer);
  }

  private Path folder(int step) {
    return output.resolve("checkpoints/step-000000" + step);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private List<String> names() throws IOException {
    return files(output.resolve("checkpoints")).stream().map(file -> file.getFileName().toString()).toList();
  }
}
