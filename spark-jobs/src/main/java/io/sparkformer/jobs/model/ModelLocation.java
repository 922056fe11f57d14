package io.sparkformer.jobs.model;

import io.sparkformer.data.tokenizer.TokenizerFile;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.jobs.config.ModelChoice;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.hub.GenerationConfig;
import io.sparkformer.model.hub.GenerationConfig.Origin;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.hub.TokenRoles;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model's folder: a checkpoint that was found and verified, several of which the weights are averaged, or a folder of Hugging Face's; for
 * tasks to read from wherever they run. Locations of the same folders that are computed alike are equal.
 */
public final class ModelLocation implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ModelLocation.class);

  private final List<Path> folders;
  private final ComputeSettings compute;
  private final String configJson;
  private final SerializableConfiguration hadoop;
  private final Origin origin;

  private ModelLocation(List<Path> folders, Origin origin, ComputeSettings compute, String configJson, Configuration hadoop) {
    this.folders = folders;
    this.origin = origin;
    this.compute = compute;
    this.configJson = configJson;
    this.hadoop = new SerializableConfiguration(hadoop);
  }

  /**
   * Finds the model that a user means.
   *
   * @param choice a checkpoint; a training output, of which the best checkpoint is taken or the newest ones are averaged; or a model folder
   *     as Hugging Face lays it out
   * @throws IllegalArgumentException there is no model, or there are too few to average
   * @throws IOException the model's files are damaged or cannot be read
   */
  public static ModelLocation find(Configuration hadoop, ModelChoice choice) throws IOException {
    if (choice.average() == 1 && CheckpointStore.isPlainModel(hadoop, choice.path())) {
      HubFolder folder = HubFolder.open(hadoop, choice.path().getFileSystem(hadoop).makeQualified(choice.path()));
      LOG.info("model: {} ({})", choice.path(), folder.config().network().summary());
      return new ModelLocation(List.of(folder.path()), Origin.HUGGING_FACE, choice.compute(), folder.config().text(), hadoop);
    }
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
    return new ModelLocation(found.stream().map(Checkpoint::path).toList(), Origin.TRAINED_HERE, choice.compute(),
        first.config().toString(), hadoop);
  }

  /** The models' folders, newest first; the tokenizer is that of the first. */
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

  /**
   * How the model wants to be decoded, as its files say.
   *
   * @throws IllegalArgumentException they name tokens that its tokenizer lacks
   */
  public GenerationConfig generation() throws IOException {
    return HubFolder.open(hadoop(), folders.get(0)).generation(origin);
  }

  /** The special tokens of the model's tokenizer. */
  public TokenRoles roles() throws IOException {
    return HubFolder.open(hadoop(), folders.get(0)).roles();
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
