package io.sparkformer.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.hub.Companions;
import io.sparkformer.model.hub.NamedTensor;
import io.sparkformer.model.hub.SafetensorsWriter;
import io.sparkformer.model.hub.TensorContent;
import io.sparkformer.model.memory.FlatRange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A checkpoint while it is written. Every owner has a draft of the same step and attempt, writes its optimizer state and reports the file
 * to the first rank; that writes the model and commits.
 */
public final class CheckpointDraft {
  static final String FIRST_MOMENT = "first_moment";
  static final String SECOND_MOMENT = "second_moment";
  static final String PARAMETERS = "parameters";

  private final Configuration hadoop;
  private final FileSystem fileSystem;
  private final Path folder;
  private final Path target;
  private final long step;

  CheckpointDraft(Configuration hadoop, FileSystem fileSystem, Path checkpoints, String name, String attempt, long step) {
    this.hadoop = hadoop;
    this.fileSystem = fileSystem;
    this.folder = new Path(checkpoints, CheckpointStore.UNFINISHED + name + "-" + attempt);
    this.target = new Path(checkpoints, name);
    this.step = step;
  }

  /**
   * Writes the state of one owner's slice; every owner calls this, at the same time as the others.
   *
   * @param rank the owner's number, from 0
   * @param workers how many owners there are
   * @return what the first rank needs to know of it
   */
  public CheckpointFile writeOptimizer(int rank, int workers, OptimizerState optimizer) throws IOException {
    FlatRange range = optimizer.range();
    List<NamedTensor> state = new ArrayList<>(List.of(
        NamedTensor.of(FIRST_MOMENT, optimizer.firstMoment(), range.length()),
        NamedTensor.of(SECOND_MOMENT, optimizer.secondMoment(), range.length())));
    if (optimizer.parameters() != null) {
      state.add(NamedTensor.of(PARAMETERS, optimizer.parameters(), range.length()));
    }
    Map<String, String> metadata = Map.of("from", Long.toString(range.from()), "to", Long.toString(range.to()),
        "updates", Long.toString(optimizer.updates()));
    return write(String.format(Locale.ROOT, "optimizer-%05d-of-%05d.safetensors", rank, workers), Optional.of(range),
        out -> SafetensorsWriter.write(out, state, metadata));
  }

  /**
   * Writes everything but the optimizer's state; the first rank calls this.
   *
   * @param parameters all tensors of the network
   * @return the files, for {@link #commit}
   */
  public List<CheckpointFile> writeModel(List<? extends TensorContent> parameters, CheckpointContent content) throws IOException {
    byte[] tokenizer;
    try (InputStream in = content.tokenizer().getFileSystem(hadoop).open(content.tokenizer())) {
      tokenizer = in.readAllBytes();
    }
    List<CheckpointFile> files = new ArrayList<>();
    // The metadata that Hugging Face's loaders want to see.
    files.add(write(CheckpointManifest.MODEL, Optional.empty(), out -> SafetensorsWriter.write(out, parameters, Map.of("format", "pt"))));
    files.add(writeText(CheckpointManifest.CONFIG, content.config().toPrettyString() + "\n"));
    files.add(writeText(CheckpointManifest.RUN, content.runConfiguration()));
    files.add(writeText(CheckpointManifest.TRAINING_STATE, content.trainingState().toPrettyString() + "\n"));
    files.add(write(CheckpointManifest.TOKENIZER, Optional.empty(), out -> out.write(tokenizer)));
    for (Map.Entry<String, JsonNode> each : Companions.of(content.config(), new ObjectMapper().readTree(tokenizer)).entrySet()) {
      if (!content.companions().containsKey(each.getKey())) {
        files.add(writeText(each.getKey(), each.getValue().toPrettyString() + "\n"));
      }
    }
    for (Map.Entry<String, byte[]> companion : content.companions().entrySet()) {
      files.add(write(companion.getKey(), Optional.empty(), out -> out.write(companion.getValue())));
    }
    for (Map.Entry<String, String> document : content.documents().entrySet()) {
      files.add(writeText(document.getKey(), document.getValue()));
    }
    return files;
  }

  /**
   * Makes the checkpoint real: gives its folder the final name, and then writes the manifest, without which nobody reads it. The first
   * rank calls this once all owners have reported. A checkpoint of the same step that is there already (from before a resumption) is
   * replaced.
   *
   * @param files the files of all owners and those of {@link #writeModel}
   * @throws IllegalArgumentException when no report of a needed file is among {@code files}
   */
  public Checkpoint commit(List<CheckpointFile> files) throws IOException {
    long parameters = files.stream().flatMap(file -> file.slice().stream()).mapToLong(FlatRange::to).max().orElse(0);
    CheckpointManifest manifest = new CheckpointManifest(step, parameters, files);
    for (CheckpointFile file : files) {
      long found = fileSystem.getFileStatus(new Path(folder, file.name())).getLen();
      if (found != file.bytes()) {
        throw new IOException(new Path(folder, file.name()) + ": written as " + file.bytes() + " bytes, found " + found);
      }
    }
    delete(fileSystem, target);
    // Where this is not one act (object stores), what a crash leaves has no manifest.
    rename(folder, target);
    Path unfinished = new Path(target, CheckpointManifest.FILE + ".unfinished");
    write(unfinished, Optional.empty(), out -> out.write(manifest.render()));
    rename(unfinished, new Path(target, CheckpointManifest.FILE));
    return new Checkpoint(fileSystem, target, manifest);
  }

  /** Deletes a checkpoint, first of all what makes it one; nothing when there is none. */
  static void delete(FileSystem fileSystem, Path checkpoint) throws IOException {
    fileSystem.delete(new Path(checkpoint, CheckpointManifest.FILE), false);
    fileSystem.delete(checkpoint, true);
  }

  /** Where the checkpoint will be. */
  public Path target() {
    return target;
  }

  /** Deletes what was written. */
  public void discard() throws IOException {
    fileSystem.delete(folder, true);
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("Cannot rename " + from + " to " + to + "; check that nothing else writes to this output");
    }
  }

  private CheckpointFile writeText(String name, String text) throws IOException {
    return write(name, Optional.empty(), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  @FunctionalInterface
  private interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  private CheckpointFile write(String name, Optional<FlatRange> slice, Body body) throws IOException {
    return write(new Path(folder, name), slice, body);
  }

  private CheckpointFile write(Path file, Optional<FlatRange> slice, Body body) throws IOException {
    try (Checksum.Output out = new Checksum.Output(fileSystem.create(file, true))) {
      body.writeTo(out);
      out.flush();
      return new CheckpointFile(file.getName(), out.bytes(), out.checksum(), slice);
    }
  }
}
