package io.sparkformer.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.hub.DamagedFileException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The checkpoints of one training output; see the package for the layout. One process at a time may prune, mark and discard. */
public final class CheckpointStore {
  /** Where they lie within the output. */
  public static final String FOLDER = "checkpoints";
  static final String UNFINISHED = ".unfinished-";
  static final String DISCARDED = ".discarded-";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d{8,18})");
  private static final Pattern BEST = Pattern.compile("best-step-(\\d{8,18})\\.json");

  private final Configuration hadoop;
  private final FileSystem fileSystem;
  private final Path folder;

  /**
   * @param output the training output, which has or gets a folder {@code checkpoints}
   */
  public CheckpointStore(Configuration hadoop, Path output) throws IOException {
    this.hadoop = hadoop;
    this.fileSystem = fileSystem(hadoop, output);
    this.folder = fileSystem.makeQualified(new Path(output, FOLDER));
  }

  /** The path's file system, without the checksum files that Hadoop puts beside local files: a manifest has its own checksums. */
  static FileSystem fileSystem(Configuration hadoop, Path path) throws IOException {
    FileSystem fileSystem = path.getFileSystem(hadoop);
    return fileSystem instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : fileSystem;
  }

  /**
   * Begins a checkpoint, or joins others in writing it.
   *
   * @param step the updates made
   * @param attempt letters and digits that all writers of this checkpoint share, and no earlier attempt at it
   */
  public CheckpointDraft draft(long step, String attempt) {
    return new CheckpointDraft(hadoop, fileSystem, folder, name(step), attempt, step);
  }

  /**
   * The newest checkpoint that is whole, every byte of it verified.
   *
   * @param warnings gets a line for each newer one that is damaged or was not committed
   * @return empty when there is no checkpoint at all
   * @throws DamagedFileException when there are checkpoints, but all are damaged
   */
  public Optional<Checkpoint> latest(Consumer<String> warnings) throws IOException {
    return newestWhole(numbers(CHECKPOINT), Checkpoint::verify, warnings);
  }

  /** The newest checkpoint that was committed, without verifying it: for what people read of it. */
  public Optional<Checkpoint> newestUnverified() throws IOException {
    List<Long> steps = steps();
    return steps.isEmpty() ? Optional.empty() : Optional.of(Checkpoint.open(fileSystem, path(steps.get(0))));
  }

  /**
   * The checkpoint marked as the best, or the newest when there is none, with the model's files verified.
   *
   * @param warnings gets a line for each one that should have been used but is damaged or was not committed
   * @return empty when there is no checkpoint at all
   * @throws DamagedFileException when there are checkpoints, but all are damaged
   */
  public Optional<Checkpoint> best(Consumer<String> warnings) throws IOException {
    List<Long> steps = numbers(CHECKPOINT);
    OptionalLong best = bestStep();
    if (best.isPresent() && steps.remove(best.getAsLong())) {
      steps.add(0, best.getAsLong());
    }
    return newestWhole(steps, Checkpoint::verifyModel, warnings);
  }

  @FunctionalInterface
  private interface Verification {
    void run(Checkpoint checkpoint) throws IOException;
  }

  private Optional<Checkpoint> newestWhole(List<Long> steps, Verification verification, Consumer<String> warnings) throws IOException {
    List<String> damages = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      String next = i + 1 < steps.size() ? ". Trying the one of step " + steps.get(i + 1) + "." : ".";
      Path manifest = new Path(path(steps.get(i)), CheckpointManifest.FILE);
      if (!fileSystem.exists(manifest)) {
        // It was never whole, or has lost what says so: there is nothing to trust in it.
        warnings.accept("Damaged checkpoint: " + manifest + ": missing, so it was not written to its end" + next);
        continue;
      }
      try {
        Checkpoint checkpoint = Checkpoint.open(fileSystem, path(steps.get(i)));
        verification.run(checkpoint);
        return Optional.of(checkpoint);
      } catch (DamagedFileException e) {
        damages.add(e.getMessage());
        if (i + 1 < steps.size()) {
          warnings.accept("Damaged checkpoint: " + e.getMessage() + next);
        }
      }
    }
    if (damages.isEmpty()) {
      return Optional.empty();
    }
    throw new DamagedFileException("No checkpoint in " + folder + " is whole: " + String.join("; ", damages)
        + ". Restore one from a copy, or train from the beginning into another output folder");
  }

  /**
   * Marks the checkpoint of {@code step} as the best so far.
   *
   * @param reason the validation results that make it so
   */
  public void markBest(long step, JsonNode reason) throws IOException {
    if (!isCommitted(step)) {
      throw new IllegalArgumentException("Cannot mark " + path(step) + " as the best checkpoint: it does not exist");
    }
    OptionalLong before = bestStep();
    if (before.isPresent() && before.getAsLong() > step) {
      // Left by a run that went on from an earlier checkpoint: its later mark would hide this one.
      fileSystem.delete(mark(before.getAsLong()), false);
    }
    try (FSDataOutputStream out = fileSystem.create(mark(step), true)) {
      out.write((reason.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The step of the checkpoint marked as the best; empty when none is, or it is gone. */
  public OptionalLong bestStep() throws IOException {
    List<Long> steps = steps();
    for (long step : numbers(BEST)) {
      if (steps.contains(step) && isMeasured(step)) {
        return OptionalLong.of(step);
      }
    }
    return OptionalLong.empty();
  }

  /** Not so where an earlier version marked the first checkpoint of a run that had nothing to validate on: its loss is NaN. */
  private boolean isMeasured(long step) throws IOException {
    try (FSDataInputStream in = fileSystem.open(mark(step))) {
      for (JsonNode value : JSON.readTree((InputStream) in)) {
        if (value.asText().equals("NaN")) {
          return false;
        }
      }
      return true;
    } catch (JsonProcessingException e) {
      // Its name says which checkpoint is meant.
      return true;
    } catch (FileNotFoundException e) {
      // Replaced by another mark meanwhile.
      return false;
    }
  }

  /**
   * Deletes all but the newest checkpoints and the best one.
   *
   * @param keep how many of the newest stay, at least 1
   */
  public void prune(int keep) throws IOException {
    if (keep < 1) {
      throw new IllegalArgumentException("Invalid number of checkpoints to keep: " + keep + " (must be >= 1)");
    }
    OptionalLong best = bestStep();
    List<Long> kept = steps().stream().limit(keep).toList();
    for (long step : numbers(CHECKPOINT)) {
      boolean isOld = !kept.isEmpty() && step < kept.get(0) && !kept.contains(step);
      if (isOld && (best.isEmpty() || best.getAsLong() != step)) {
        CheckpointDraft.delete(fileSystem, path(step));
      }
    }
    for (long step : numbers(BEST)) {
      if (best.isEmpty() || best.getAsLong() != step) {
        fileSystem.delete(mark(step), false);
      }
    }
  }

  /** Deletes what earlier runs left unfinished; call it when a run begins, before any draft. */
  public void discardUnfinished() throws IOException {
    for (FileStatus each : list()) {
      String name = each.getPath().getName();
      if (name.startsWith(UNFINISHED) || name.startsWith(DISCARDED)) {
        fileSystem.delete(each.getPath(), true);
      }
    }
  }

  /** The steps of all committed checkpoints, newest first, damaged or not. */
  public List<Long> steps() throws IOException {
    List<Long> steps = new ArrayList<>();
    for (long step : numbers(CHECKPOINT)) {
      if (isCommitted(step)) {
        steps.add(step);
      }
    }
    return steps;
  }

  private boolean isCommitted(long step) throws IOException {
    return fileSystem.exists(new Path(path(step), CheckpointManifest.FILE));
  }

  /**
   * The model a user means by a path: the checkpoint in that folder, or the best checkpoint of that training output.
   *
   * @param where a folder
   * @param warnings gets a line for each checkpoint that should have been used but is damaged
   * @throws IllegalArgumentException when the path holds neither
   * @throws DamagedFileException when the checkpoint is damaged
   */
  public static Checkpoint resolveModel(Configuration hadoop, Path where, Consumer<String> warnings) throws IOException {
    FileSystem fileSystem = fileSystem(hadoop, where);
    // Through its text: a path made of a URI may keep a slash at its end, and then has no name.
    Path path = fileSystem.makeQualified(new Path(where.toString()));
    if (!fileSystem.exists(path)) {
      throw new IllegalArgumentException("No model at " + path + ": there is no such folder");
    }
    // Not by manifest.json: prepared data has one too.
    if (fileSystem.exists(new Path(path, CheckpointManifest.MODEL)) || CHECKPOINT.matcher(path.getName()).matches()) {
      Checkpoint checkpoint = Checkpoint.open(fileSystem, path);
      checkpoint.verifyModel();
      return checkpoint;
    }
    return new CheckpointStore(hadoop, path).best(warnings).orElseThrow(() -> new IllegalArgumentException("No model at " + path
        + ": it is neither a checkpoint (with model.safetensors) nor a training output (with checkpoints/step-...)"));
  }

  /**
   * The newest checkpoints of a training output, for their weights to be averaged, all of them verified.
   *
   * @param where the training output
   * @param count how many
   * @throws IllegalArgumentException when there are fewer
   * @throws DamagedFileException when one of them is damaged
   */
  public static List<Checkpoint> newestModels(Configuration hadoop, Path where, int count) throws IOException {
    CheckpointStore store = new CheckpointStore(hadoop, new Path(where.toString()));
    List<Long> steps = store.steps();
    if (steps.size() < count) {
      throw new IllegalArgumentException("Cannot average %d checkpoints: found %d in %s; average fewer, or train with a larger"
          .formatted(count, steps.size(), store.folder) + " train.checkpoint.keep");
    }
    List<Checkpoint> newest = new ArrayList<>();
    for (long step : steps.subList(0, count)) {
      Checkpoint checkpoint = Checkpoint.open(store.fileSystem, store.path(step));
      checkpoint.verifyModel();
      newest.add(checkpoint);
    }
    return newest;
  }

  private List<Long> numbers(Pattern pattern) throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (FileStatus each : list()) {
      Matcher matcher = pattern.matcher(each.getPath().getName());
      if (matcher.matches()) {
        numbers.add(Long.parseLong(matcher.group(1)));
      }
    }
    numbers.sort(Comparator.reverseOrder());
    return numbers;
  }

  private List<FileStatus> list() throws IOException {
    try {
      return List.of(fileSystem.listStatus(folder));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private Path path(long step) {
    return new Path(folder, name(step));
  }

  private Path mark(long step) {
    return new Path(folder, "best-" + name(step) + ".json");
  }

  private static String name(long step) {
    return String.format(Locale.ROOT, "step-%08d", step);
  }
}
