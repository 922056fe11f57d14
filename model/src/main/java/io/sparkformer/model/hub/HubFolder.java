package io.sparkformer.model.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.Architectures;
import io.sparkformer.model.architecture.ConfigJson;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.memory.FloatRegion;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A model folder as {@code save_pretrained} writes it, on any file system that Hadoop knows. */
public final class HubFolder {
  static final String CONFIG = "config.json";

  private final FileSystem fileSystem;
  private final Path folder;
  private final ConfigJson config;
  private final NetworkConfig network;

  private HubFolder(FileSystem fileSystem, Path folder, ConfigJson config) {
    this.fileSystem = fileSystem;
    this.folder = folder;
    this.config = config;
    this.network = Architectures.of(config).network(config);
  }

  /**
   * Opens a folder and reads its {@code config.json}.
   *
   * @throws IllegalArgumentException when it is no model folder, or the model is of a family or has a setting that is not supported
   */
  public static HubFolder open(Configuration hadoop, Path folder) throws IOException {
    FileSystem fileSystem = folder.getFileSystem(hadoop);
    Path file = new Path(folder, CONFIG);
    try (InputStream in = fileSystem.open(file)) {
      JsonNode json = new ObjectMapper().readTree(in);
      if (!(json instanceof ObjectNode object)) {
        throw new IllegalArgumentException(file + ": must be a JSON object");
      }
      return new HubFolder(fileSystem, folder, new ConfigJson(object));
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException(folder + ": no " + CONFIG + "; is it a model folder?", e);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + ": not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The family's description of the network. */
  public ConfigJson config() {
    return config;
  }

  public NetworkConfig network() {
    return network;
  }

  /**
   * Fills the parameters of a network that was made from {@link #network()}.
   *
   * @throws IllegalArgumentException listing all tensors that are missing, have another shape, or have no place in the network
   */
  public void readInto(TransformerModel model) throws IOException {
    try (TensorFiles files = TensorFiles.open(fileSystem, folder)) {
      ModelTensors.of(config, network, model.namedParameters(), FloatRegion.of(model.parameters())).read(files);
    }
    model.parametersChanged();
  }
}
