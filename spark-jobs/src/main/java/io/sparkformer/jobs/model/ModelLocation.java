package io.sparkformer.jobs.model;

import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.config.TransformerConfig;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A checkpoint that was found and verified, for tasks to read from wherever they run. Locations of the same folder are equal. */
public final class ModelLocation implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ModelLocation.class);

  private final Path folder;
  private final String configJson;
  private final SerializableConfiguration hadoop;

  private ModelLocation(Path folder, String configJson, Configuration hadoop) {
    this.folder = folder;
    this.configJson = configJson;
    this.hadoop = new SerializableConfiguration(hadoop);
  }

  /**
   * Finds the model that a user means.
   *
   * @param model a checkpoint, or a training output, of which the best checkpoint is taken
   * @throws IllegalArgumentException there is no model
   * @throws IOException the model's files are damaged or cannot be read
   */
  public static ModelLocation find(Configuration hadoop, Path model) throws IOException {
    Checkpoint checkpoint = CheckpointStore.resolveModel(hadoop, model, LOG::warn);
    LOG.info("model: {} (step {}, {} parameters)", checkpoint.path(), checkpoint.step(), checkpoint.parameters());
    return new ModelLocation(checkpoint.path(), checkpoint.config().toString(), hadoop);
  }

  /** The checkpoint's folder. */
  public Path folder() {
    return folder;
  }

  /** The network's configuration, without dropout. */
  public TransformerConfig config() {
    return TransformerConfig.fromJson(configJson).withoutDropout();
  }

  Configuration hadoop() {
    return hadoop.value();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelLocation that && folder.equals(that.folder);
  }

  @Override
  public int hashCode() {
    return folder.hashCode();
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
