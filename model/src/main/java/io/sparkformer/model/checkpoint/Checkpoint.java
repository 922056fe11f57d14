package io.sparkformer.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.hub.DamagedFileException;
import io.sparkformer.model.hub.SafetensorsFile;
import io.sparkformer.model.hub.TensorContent;
import io.sparkformer.model.hub.TensorFiles;
import io.sparkformer.model.hub.TensorNaming;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.optimizer.Adam;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A committed checkpoint. Its manifest is checked when it is opened, its files by {@link #verify} or {@link #verifyModel}. */
public final class Checkpoint {
  private static final long MAX_MANIFEST_BYTES = 64 << 20;
  private static final String FIX = "use the model settings that the checkpoint was trained with (its config.json)";

  private final FileSystem fileSystem;
  private final Path folder;
  private final CheckpointManifest manifest;

  Checkpoint(FileSystem fileSystem, Path folder, CheckpointManifest manifest) {
    this.fileSystem = fileSystem;
    this.folder = folder;
    this.manifest = manifest;
  }

  /**
   * Opens the checkpoint in a folder.
   *
   * @throws DamagedFileException when its manifest is missing or altered
   */
  public static Checkpoint open(Configuration hadoop, Path folder) throws IOException {
    return open(CheckpointStore.fileSystem(hadoop, folder), folder);
  }

  static Checkpoint open(FileSystem fileSystem, Path folder) throws IOException {
    Path file = new Path(folder, CheckpointManifest.FILE);
    try (InputStream in = fileSystem.open(file)) {
      long bytes = fileSystem.getFileStatus(file).getLen();
      if (bytes > MAX_MANIFEST_BYTES) {
        throw new DamagedFileException(file + ": " + bytes + " bytes, a manifest has at most " + MAX_MANIFEST_BYTES);
      }
      return new Checkpoint(fileSystem, folder, CheckpointManifest.parse(in.readAllBytes(), file.toString()));
    } catch (FileNotFoundException e) {
      throw new DamagedFileException(file + ": missing", e);
    }
  }

  /** The checkpoint's folder. */
  public Path path() {
    return folder;
  }

  /** The updates made before it was written. */
  public long step() {
    return manifest.step();
  }

  /** Length of the flat array of parameters. */
  public long parameters() {
    return manifest.parameters();
  }

  /**
   * Reads every file and compares its size and checksum with the manifest.
   *
   * @throws DamagedFileException naming the first file that differs, what was expected and what was found
   */
  public void verify() throws IOException {
    for (CheckpointFile file : manifest.files()) {
      verify(file);
    }
  }

  /** As {@link #verify}, for all but the optimizer's state: what translating needs. */
  public void verifyModel() throws IOException {
    for (CheckpointFile file : manifest.files()) {
      if (file.slice().isEmpty()) {
        verify(file);
      }
    }
  }

  private void verify(CheckpointFile file) throws IOException {
    Path path = new Path(folder, file.name());
    try (InputStream in = fileSystem.open(path)) {
      FileStatus status = fileSystem.getFileStatus(path);
      if (status.getLen() != file.bytes()) {
        throw new DamagedFileException(path + ": expected " + file.bytes() + " bytes, found " + status.getLen());
      }
      String found = Checksum.of(in);
      if (!found.equals(file.crc32c())) {
        throw new DamagedFileException(path + ": expected CRC-32C " + file.crc32c() + ", found " + found);
      }
    } catch (FileNotFoundException e) {
      throw new DamagedFileException(path + ": missing, expected " + file.bytes() + " bytes", e);
    } catch (ChecksumException e) {
      throw new DamagedFileException(path + ": the file system's own checksum does not match: " + e.getMessage(), e);
    }
  }

  /** The model's configuration. */
  public JsonNode config() throws IOException {
    return new ObjectMapper().readTree(text(CheckpointManifest.CONFIG));
  }

  /** The resolved configuration of the run. */
  public String runConfiguration() throws IOException {
    return text(CheckpointManifest.RUN);
  }

  /** What the run saved to go on from. */
  public JsonNode trainingState() throws IOException {
    return new ObjectMapper().readTree(text(CheckpointManifest.TRAINING_STATE));
  }

  /** The text of one of the {@link CheckpointContent#documents}; empty when there is none of that name. */
  public Optional<String> document(String name) throws IOException {
    return fileSystem.exists(new Path(folder, name)) ? Optional.of(text(name)) : Optional.empty();
  }

  /** The tokenizer's file. */
  public Path tokenizer() {
    return new Path(folder, CheckpointManifest.TOKENIZER);
  }

  private String text(String name) throws IOException {
    try (InputStream in = fileSystem.open(new Path(folder, name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Fills the network's tensors.
   *
   * @param into all tensors of the network
   * @param naming how they may be named
   * @throws IllegalArgumentException when the network's names and shapes are not those of the checkpoint
   */
  public void readModel(List<? extends TensorContent> into, TensorNaming naming) throws IOException {
    try (TensorFiles files = TensorFiles.open(fileSystem, folder)) {
      files.read(into, naming);
    }
  }

  /**
   * Restores the parameters with which training goes on, where the checkpoint's model is their average.
   *
   * @param into {@code [parameters]}
   * @return false, with nothing changed, where the model itself is what training goes on with
   */
  public boolean readTrained(FloatRegion into) throws IOException {
    for (CheckpointFile each : manifest.optimizer()) {
      try (SafetensorsFile file = SafetensorsFile.open(fileSystem, new Path(folder, each.name()))) {
        if (!file.names().contains(CheckpointDraft.PARAMETERS)) {
          return false;
        }
        FlatRange slice = each.slice().orElseThrow();
        if (!slice.isEmpty()) {
          file.read(CheckpointDraft.PARAMETERS, 0, into.slice(slice));
        }
      }
    }
    return true;
  }

  /**
   * Restores the state of a slice, whatever slices it was saved in.
   *
   * @throws IllegalArgumentException when the checkpoint has fewer parameters than the slice needs
   */
  public void readOptimizer(Adam into) throws IOException {
    JsonNode config = config();
    if (config.has("kind") && !config.has("model_type")) {
      throw new IllegalArgumentException(folder + ": was written by version 0.1, which had its parameters in another order, so its"
          + " optimizer's state cannot be used; begin a new run; to keep the"
          + " weights, rewrite the folder with convert.sh and name the new one as train.from");
    }
    FlatRange wanted = into.range();
    if (wanted.to() > manifest.parameters()) {
      throw new IllegalArgumentException(folder + ": holds optimizer state for " + manifest.parameters()
          + " parameters, expected those of " + wanted + "; " + FIX);
    }
    long updates = 0;
    for (CheckpointFile each : manifest.optimizer()) {
      FlatRange saved = each.slice().orElseThrow();
      FlatRange shared = saved.intersection(wanted);
      if (shared.isEmpty() && saved.from() > 0) {
        continue;
      }
      try (SafetensorsFile file = SafetensorsFile.open(fileSystem, new Path(folder, each.name()))) {
        updates = Long.parseLong(file.metadata().getOrDefault("updates", ""));
        long inFile = shared.from() - saved.from();
        long here = shared.from() - wanted.from();
        if (!shared.isEmpty()) {
          file.read(CheckpointDraft.FIRST_MOMENT, inFile, into.firstMoment().slice(here, here + shared.length()));
          file.read(CheckpointDraft.SECOND_MOMENT, inFile, into.secondMoment().slice(here, here + shared.length()));
        }
      } catch (NumberFormatException e) {
        throw new DamagedFileException(new Path(folder, each.name()) + ": no number of updates in its metadata", e);
      }
    }
    into.resumeAfter(updates);
  }
}
