package io.sparkformer.model.hub;

import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.TensorMapping;
import io.sparkformer.model.graph.TransformerModel;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A model folder as {@code save_pretrained} writes it, on any file system that Hadoop knows. */
public final class HubFolder {
  static final String CONFIG = "config.json";
  /** Many times what any family needs; keeps a damaged file from filling the memory. */
  private static final int MAX_CONFIG_BYTES = 16 << 20;

  /** Begins the names of the parameters of a classifier. */
  private static final String CLASSIFIER = "classifier.";

  private final FileSystem fileSystem;
  private final Path folder;
  private final ModelConfig config;

  private HubFolder(FileSystem fileSystem, Path folder, ModelConfig config) {
    this.fileSystem = fileSystem;
    this.folder = folder;
    this.config = config;
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
      byte[] text = in.readNBytes(MAX_CONFIG_BYTES + 1);
      if (text.length > MAX_CONFIG_BYTES) {
        throw new IllegalArgumentException(CONFIG + " has more than " + MAX_CONFIG_BYTES + " bytes");
      }
      return new HubFolder(fileSystem, folder, ModelConfig.parse(new String(text, StandardCharsets.UTF_8)));
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException(folder + ": no " + CONFIG + "; is it a model folder?", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(folder + ": " + e.getMessage(), e);
    }
  }

  public ModelConfig config() {
    return config;
  }

  /**
   * Fills the parameters of a network that was made from {@link #config()}.
   *
   * @throws IllegalArgumentException listing all tensors that are missing, have another shape, or have no place in the network
   */
  public void readInto(TransformerModel model) throws IOException {
    read(ModelTensors.of(config, model));
    model.parametersChanged();
  }

  /** As {@link #readInto}, into tensors that {@link #config()} describes. */
  public void read(ModelTensors tensors) throws IOException {
    try (TensorFiles files = TensorFiles.open(fileSystem, folder)) {
      files.read(tensors.all(), tensors.naming());
    }
  }

  /**
   * Whether the files hold the network of {@link #config()}, by their headers alone.
   *
   * @throws IllegalArgumentException as {@link #readInto}
   */
  public void check() throws IOException {
    try (TensorFiles files = TensorFiles.open(fileSystem, folder)) {
      List<TensorMapping> tensors = config.tensors();
      files.find(tensors.stream().map(TensorMapping::name).toList(), tensors.stream().map(TensorMapping::shape).toList(),
          new TensorNaming(config.prefix(), config.tolerated()));
    }
  }

  /**
   * The tensors of a network with other heads that a run has to begin anew, by the headers of the files: those of its heads that the files
   * lack or have in another shape, and its classifier unless the folder's own has the same classes.
   *
   * @param other the folder's network with other heads
   * @return their names
   * @throws IllegalArgumentException when the files lack tensors of the rest of the network
   */
  public List<String> newTensorsOf(ModelConfig other) throws IOException {
    Set<String> body = other.withoutHeads().tensors().stream().map(TensorMapping::name).collect(Collectors.toSet());
    boolean sameHeads = config.hasHeadsOf(other);
    try (TensorFiles files = TensorFiles.open(fileSystem, folder)) {
      List<String> fresh = other.tensors().stream().filter(tensor -> !body.contains(tensor.name()))
          .filter(tensor -> tensor.parameter().startsWith(CLASSIFIER) && !sameHeads
              || !files.holds(tensor.name(), tensor.shape(), naming(other)))
          .map(TensorMapping::name).toList();
      List<TensorMapping> present = other.tensors().stream().filter(tensor -> !fresh.contains(tensor.name())).toList();
      files.find(present.stream().map(TensorMapping::name).toList(), present.stream().map(TensorMapping::shape).toList(), naming(other));
      return fresh;
    }
  }

  /**
   * Fills the parameters of a network with other heads.
   *
   * @param other as for {@link #newTensorsOf}
   * @param fresh what that gave: these tensors keep their values
   */
  public void readInto(TransformerModel model, ModelConfig other, Collection<String> fresh) throws IOException {
    try (TensorFiles files = TensorFiles.open(fileSystem, folder)) {
      files.read(ModelTensors.of(other, model).all().stream().filter(tensor -> !fresh.contains(tensor.name())).toList(), naming(other));
    }
    model.parametersChanged();
  }

  /** Files may hold what belongs to the folder's own heads. */
  private TensorNaming naming(ModelConfig other) {
    List<String> tolerated = new ArrayList<>(other.tolerated());
    config.tensors().forEach(tensor -> tolerated.add(Pattern.quote(tensor.name())));
    return new TensorNaming(other.prefix(), tolerated);
  }

  /** Names of the files that hold the tensors, in alphabetical order. */
  public List<String> tensorFiles() throws IOException {
    try (TensorFiles files = TensorFiles.open(fileSystem, folder)) {
      return files.files();
    }
  }

  public Path path() {
    return folder;
  }

  /** How the model wants to be decoded. */
  public GenerationConfig generation(GenerationConfig.Origin origin) throws IOException {
    return GenerationConfig.read(fileSystem, folder, config.json(), origin);
  }

  /** The special tokens of the folder's tokenizer. */
  public TokenRoles roles() throws IOException {
    return TokenRoles.read(fileSystem, folder);
  }

  /** The files that go on with a model that is trained further, by name. */
  public Map<String, byte[]> companions() throws IOException {
    return Companions.read(fileSystem, folder);
  }

  /** Copies what the folder holds beside configuration and tensors: the tokenizer's files, and how to generate. */
  public void copyCompanions(FileSystem to, Path target) throws IOException {
    for (String name : Companions.NAMES) {
      Path file = new Path(folder, name);
      if (fileSystem.exists(file)) {
        try (InputStream in = fileSystem.open(file); OutputStream out = to.create(new Path(target, name), false)) {
          in.transferTo(out);
        }
      }
    }
  }
}
