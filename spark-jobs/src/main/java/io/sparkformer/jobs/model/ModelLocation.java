package io.sparkformer.jobs.model;

import io.sparkformer.data.tokenizer.TokenizerFile;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.jobs.config.ModelChoice;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.hub.HubFolder;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint that was found and verified, several of which the weights are averaged, or a model folder of another program, for tasks to
 * read from wherever they run.
 * Locations of the same folders that are computed alike are equal.
 */
public final class ModelLocation implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ModelLocation.class);

  private final List<Path> folders;
  private final ComputeSettings compute;
  private final String configJson;
  private final SerializableConfiguration hadoop;
  /** Whether the folders are checkpoints, with a manifest; otherwise a folder as Hugging Face lays it out. */
  private final boolean isCheckpoint;

  private ModelLocation(List<Path> folders, boolean isCheckpoint, ComputeSettings compute, String configJson, Configuration hadoop) {
    this.folders = folders;
    this.isCheckpoint = isCheckpoint;
    this.compute = compute;
    this.configJson = configJson;
    this.hadoop = new SerializableConfiguration(hadoop);
  }

  /**
   * Finds the model that a user means.
   *
   * @param choice a checkpoint, or a training output, of which the best checkpoint is taken or the newest ones are averaged
   * @throws IllegalArgumentException there is no model, or there are too few to average
   * @throws IOException the model's files are damaged or cannot be read
   */
  public static ModelLocation find(Configuration hadoop, ModelChoice choice) throws IOException {
    List<Checkpoint> found = choice.average() == 1 ? List.of(CheckpointStore.resolveModel(hadoop, choice.path(), LOG::warn))
        : CheckpointStore.newestModels(hadoop, choice.path(), choice.average());
    Checkpoint first = found.get(0);
    if (found.size() == 1) {
      LOG.info(String.format(Locale.ROOT, "model: %s (step %,d, %,d parameters)", choice.path(), first.step(), first.parameters()));
      LOG.debug("read from {}", first.path());
    } else {
      LOG.info(String.format(Locale.ROOT, "model: average of %d checkpoints of %s, steps %,d to %,d (%,d parameters)", found.size(),
          choice.path(), found.get(found.size() - 1).step(), first.step(), first.parameters()));
    }
    return new ModelLocation(found.stream().map(Checkpoint::path).toList(), true, choice.compute(), first.config().toString(), hadoop);
  }

  /**
   * Finds the model that a user means, which may also be a folder that another program wrote.
   *
   * @param choice a model folder as Hugging Face lays it out, or what {@link #find} takes
   * @throws IllegalArgumentException there is no model, or it is not supported
   * @throws IOException the model's files are damaged or cannot be read
   */
  public static ModelLocation findPretrained(Configuration hadoop, ModelChoice choice) throws IOException {
    if (isOfTraining(hadoop, choice.path())) {
      return find(hadoop, choice);
    }
    HubFolder folder = HubFolder.open(hadoop, choice.path());
    LOG.info("model: {} ({})", choice.path(), folder.config().json().path("model_type").asText());
    Path path = choice.path().getFileSystem(hadoop).makeQualified(choice.path());
    return new ModelLocation(List.of(path), false, choice.compute(), folder.config().toString(), hadoop);
  }

  /** Whether a folder is a training output or a checkpoint: its models are verified. */
  public static boolean isOfTraining(Configuration hadoop, Path folder) throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    return files.exists(new Path(folder, CheckpointStore.FOLDER)) || files.exists(new Path(folder, "manifest.json"));
  }

  /** The checkpoints' folders, newest first; the tokenizer is that of the first. */
  public List<Path> folders() {
    return folders;
  }

  /** All that belongs to the model: of a training output every checkpoint, whichever is used. */
  public List<Path> files() {
    return folders.stream().map(folder -> folder.getParent().getName().equals(CheckpointStore.FOLDER) ? folder.getParent() : folder)
        .distinct().toList();
  }

  /** The file of the tokenizer that the model was trained with. */
  public Path tokenizer() {
    return new Path(folders.get(0), TokenizerFile.NAME);
  }

  /** How the model is to be computed. */
  public ComputeSettings compute() {
    return compute;
  }

  /** What the model's {@code config.json} says. */
  public ModelConfig config() {
    return ModelConfig.parse(configJson);
  }

  boolean isCheckpoint() {
    return isCheckpoint;
  }

  /** What knows the model's file system. */
  public Configuration hadoop() {
    return hadoop.value();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelLocation that && folders.equals(that.folders) && compute.equals(that.compute);
  }

  @Override
  public int hashCode() {
    return folders.hashCode();
  }

  @Override
  public String toString() {
    return folders.get(0).toString();
  }
}
