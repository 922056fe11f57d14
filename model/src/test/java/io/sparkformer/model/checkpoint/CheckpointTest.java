package io.sparkformer.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.hub.DamagedFileException;
import io.sparkformer.model.hub.NamedTensor;
import io.sparkformer.model.hub.TensorNaming;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.optimizer.Adam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir
  private Path output;
  private CheckpointStore store;
  private Path tokenizer;

  @BeforeEach
  void openStore() throws IOException {
    store = new CheckpointStore(TinyRun.HADOOP, TinyRun.hadoopPath(output));
    tokenizer = TinyRun.tokenizer(output);
  }

  @Test
  void everythingComesBack() throws IOException {
    TinyRun run = new TinyRun(48, 80, 100);
    run.train(5);
    run.save(store, 5, tokenizer);
    try (Stream<Path> files = Files.list(output.resolve("checkpoints/step-00000005"))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("manifest.json", "config.json",
          "model.safetensors", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json",
          "run.conf", "training-state.json", "optimizer-00000-of-00003.safetensors", "optimizer-00001-of-00003.safetensors",
          "optimizer-00002-of-00003.safetensors");
    }
    Checkpoint checkpoint = Checkpoint.open(TinyRun.HADOOP, TinyRun.hadoopPath(output.resolve("checkpoints/step-00000005")));
    checkpoint.verify();
    assertThat(checkpoint.step()).isEqualTo(5);
    assertThat(checkpoint.parameters()).isEqualTo(100);
    assertThat(checkpoint.config().path("d_model").asInt()).isEqualTo(7);
    assertThat(checkpoint.runConfiguration()).isEqualTo("train { batch-tokens = 4096 }\n");
    assertThat(checkpoint.trainingState().path("position").path("epoch").asInt()).isEqualTo(3);
    assertThat(Files.readString(Path.of(checkpoint.tokenizer().toUri().getPath()))).isEqualTo("{\"model\":{\"type\":\"BPE\"}}");
    TinyRun restored = new TinyRun(48, 80, 100);
    checkpoint.readModel(restored.tensors, TensorNaming.EXACT);
    assertThat(restored.flat.toArray()).isEqualTo(run.flat.toArray());
  }

  @Test
  void optimizerStateRestoresIntoAnySlices() throws IOException {
    TinyRun run = new TinyRun(48, 48, 80, 100);
    run.train(5);
    Checkpoint checkpoint = run.save(store, 5, tokenizer);
    run.train(3);
    for (int[] ends : new int[][] {{100}, {48, 80, 100}, {48, 48, 80, 100}, {16, 32, 64, 90, 100, 100}}) {
      TinyRun restored = new TinyRun(ends);
      restored.train(5);
      checkpoint.readModel(restored.tensors, TensorNaming.EXACT);
      for (Adam owner : restored.owners) {
        owner.firstMoment().copyFrom(FloatRegion.allocate(owner.range().length()));
        owner.resumeAfter(0);
        checkpoint.readOptimizer(owner);
        assertThat(owner.updates()).isEqualTo(5);
      }
      restored.train(3);
      assertThat(restored.flat.toArray()).isEqualTo(run.flat.toArray());
    }
  }

  @Test
  void checkpointOfAnotherShapeNamesTheTensor() throws IOException {
    TinyRun run = new TinyRun(100);
    Checkpoint checkpoint = run.save(store, 1, tokenizer);
    FloatRegion flat = run.flat;
    NamedTensor weight = run.tensors.get(0);
    NamedTensor bias = run.tensors.get(1);
    assertThatThrownBy(() -> checkpoint.readModel(List.of(NamedTensor.of("encoder.weight", flat.slice(0, 84), 7, 12), bias),
        TensorNaming.EXACT))
        .isInstanceOf(IllegalArgumentException.class).hasMessageEndingWith(" does not hold the network of its config.json:"
            + " of another shape: encoder.weight [12, 7], needed [7, 12];");
    assertThatThrownBy(() -> checkpoint.readModel(List.of(weight), TensorNaming.EXACT)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without a place in the network: encoder.bias");
    assertThatThrownBy(() -> checkpoint.readModel(List.of(weight, bias, NamedTensor.of("decoder.bias", flat.slice(0, 1), 1)),
        TensorNaming.EXACT))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("missing: decoder.bias");
    TinyRun larger = new TinyRun(100, 120);
    assertThatThrownBy(() -> checkpoint.readOptimizer(larger.owners.get(1))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds optimizer state for 100 parameters, expected those of [100, 120)");
  }

  @Test
  void incompleteDraftCannotBeCommitted() throws IOException {
    TinyRun run = new TinyRun(48, 80, 100);
    CheckpointDraft draft = store.draft(7, "attempt0");
    List<CheckpointFile> files = run.write(draft, 7, tokenizer);
    assertThatThrownBy(() -> draft.commit(without(files, "optimizer-00001-of-00003.safetensors")))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("The checkpoint of step 7 lacks or repeats optimizer state:"
            + " optimizer-00002-of-00003.safetensors holds [80, 100), expected one from 48 on");
    assertThatThrownBy(() -> draft.commit(without(files, "run.conf"))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The checkpoint of step 7 lacks run.conf");
    Files.delete(output.resolve("checkpoints/.unfinished-step-00000007-attempt0/config.json"));
    assertThatThrownBy(() -> draft.commit(files)).isInstanceOf(IOException.class).hasMessageContaining("config.json");
    assertThat(store.steps()).isEmpty();
    draft.discard();
    assertThat(output.resolve("checkpoints")).isEmptyDirectory();
  }

  @Test
  void damageThatTheFileSystemFindsFirstIsDamageToo() throws IOException {
    Checkpoint checkpoint = new TinyRun(100).save(store, 1, tokenizer);
    FileSystem checked = FileSystem.getLocal(TinyRun.HADOOP);
    org.apache.hadoop.fs.Path copy = TinyRun.hadoopPath(output.resolve("copy"));
    FileUtil.copy(checked, checkpoint.path(), checked, copy, false, TinyRun.HADOOP);
    Path model = output.resolve("copy/model.safetensors");
    byte[] bytes = Files.readAllBytes(model);
    bytes[300] ^= 4;
    Files.write(model, bytes);
    Checkpoint altered = Checkpoint.open(checked, copy);
    assertThatThrownBy(altered::verify).isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("model.safetensors: the file system's own checksum does not match: ");
  }

  @Test
  void laterFormatVersionIsNamed() throws IOException {
    Checkpoint checkpoint = new TinyRun(100).save(store, 1, tokenizer);
    Path manifest = Path.of(checkpoint.path().toUri().getPath()).resolve("manifest.json");
    String text = Files.readString(manifest).replace("\"formatVersion\" : 1", "\"formatVersion\" : 2");
    int seal = text.lastIndexOf(",\n  \"manifestCrc32c\"");
    String body = text.substring(0, seal);
    Files.writeString(manifest, body + ",\n  \"manifestCrc32c\" : \"" + Checksum.of(body.getBytes(), body.length()) + "\"\n}\n");
    assertThatThrownBy(() -> Checkpoint.open(TinyRun.HADOOP, checkpoint.path())).isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("manifest.json: checkpoint format version 2, this version of Sparkformer reads 1; use the one that"
            + " wrote it, or a later one");
  }

  private static List<CheckpointFile> without(List<CheckpointFile> files, String name) {
    return files.stream().filter(file -> !file.name().equals(name)).toList();
  }
}
