package io.sparkformer.model.hub;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The tensors of a model folder: {@code model.safetensors}, or the files that {@code model.safetensors.index.json} names. */
public final class TensorFiles implements Closeable {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = TensorIndex.FILE;
  private static final String PICKLE = "pytorch_model.bin";
  /** How many names of a kind an error lists. */
  private static final int LISTED = 20;

  private final Path folder;
  private final Map<String, SafetensorsFile> files = new LinkedHashMap<>();
  private final Map<String, SafetensorsFile> byTensor = new LinkedHashMap<>();

  private TensorFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens all files and checks their headers.
   *
   * @throws DamagedFileException when a file is missing or damaged, or the index and the files do not agree
   */
  public static TensorFiles open(FileSystem fileSystem, Path folder) throws IOException {
    TensorFiles opened = new TensorFiles(folder);
    try {
      if (fileSystem.exists(new Path(folder, SINGLE))) {
        opened.add(fileSystem, SINGLE);
      } else if (fileSystem.exists(new Path(folder, INDEX))) {
        opened.addAll(fileSystem);
      } else if (fileSystem.exists(new Path(folder, PICKLE)) || fileSystem.exists(new Path(folder, PICKLE + ".index.json"))) {
        throw new IllegalArgumentException(folder + ": holds " + PICKLE + ", a Python pickle, which is not read; convert it with "
            + "transformers: AutoModel.from_pretrained(FOLDER).save_pretrained(FOLDER, safe_serialization=True)");
      } else {
        throw new IllegalArgumentException(folder + ": no " + SINGLE + " and no " + INDEX + "; is it a model folder?");
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void addAll(FileSystem fileSystem) throws IOException {
    for (Map.Entry<String, String> each : TensorIndex.read(fileSystem, new Path(folder, INDEX)).fileOf().entrySet()) {
      String file = each.getValue();
      if (!files.containsKey(file)) {
        add(fileSystem, file);
      }
      if (byTensor.get(each.getKey()) != files.get(file)) {
        throw new DamagedFileException(new Path(folder, INDEX) + ": tensor " + each.getKey() + " is not in " + file);
      }
    }
  }

  private void add(FileSystem fileSystem, String name) throws IOException {
    Path path = new Path(folder, name);
    if (!fileSystem.exists(path)) {
      throw new DamagedFileException(path + ": missing, but " + INDEX + " names it");
    }
    SafetensorsFile file = SafetensorsFile.open(fileSystem, path);
    files.put(name, file);
    for (String tensor : file.names()) {
      if (byTensor.putIfAbsent(tensor, file) != null) {
        throw new DamagedFileException(path + ": tensor " + tensor + " is in another file too");
      }
    }
  }

  /** The folder that holds the files. */
  public Path folder() {
    return folder;
  }

  /** Names of the files, in alphabetical order. */
  List<String> files() {
    return files.keySet().stream().sorted().toList();
  }

  public Set<String> names() {
    return byTensor.keySet();
  }

  /** @throws DamagedFileException when there is no such tensor */
  public SafetensorsFile fileOf(String tensor) {
    SafetensorsFile file = byTensor.get(tensor);
    if (file == null) {
      throw new DamagedFileException(folder + ": no tensor named " + tensor);
    }
    return file;
  }

  /**
   * Fills tensors, all that the files hold.
   *
   * @throws IllegalArgumentException listing all tensors that are missing, have another shape, or have no place in the network
   */
  public void read(List<? extends TensorContent> tensors, TensorNaming naming) throws IOException {
    List<String> names = find(tensors.stream().map(TensorContent::name).toList(), tensors.stream().map(TensorContent::shape).toList(),
        naming);
    for (int i = 0; i < names.size(); i++) {
      fileOf(names.get(i)).read(names.get(i), tensors.get(i).name(), tensors.get(i));
    }
  }

  /**
   * The names of tensors in the files.
   *
   * @throws IllegalArgumentException as {@link #read}
   */
  List<String> find(List<String> tensors, List<List<Long>> shapes, TensorNaming naming) {
    List<String> found = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    Set<String> unused = new LinkedHashSet<>(names());
    for (int i = 0; i < tensors.size(); i++) {
      String name = naming.find(names(), tensors.get(i));
      if (name == null) {
        missing.add(tensors.get(i));
        continue;
      }
      unused.remove(name);
      found.add(name);
      if (!fileOf(name).shape(name).equals(shapes.get(i))) {
        misshapen.add("%s %s, needed %s".formatted(name, fileOf(name).shape(name), shapes.get(i)));
      }
    }
    naming.removeTolerated(unused);
    if (!missing.isEmpty() || !misshapen.isEmpty() || !unused.isEmpty()) {
      throw new IllegalArgumentException("%s does not hold the network of its config.json:%s%s%s".formatted(folder,
          listed(" missing", missing), listed(" of another shape", misshapen), listed(" without a place in the network", unused)));
    }
    return found;
  }

  /** Whether the files hold a tensor of this shape. */
  boolean holds(String tensor, List<Long> shape, TensorNaming naming) {
    String name = naming.find(names(), tensor);
    return name != null && fileOf(name).shape(name).equals(shape);
  }

  private static String listed(String kind, Collection<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    String more = names.size() > LISTED ? " and %d more".formatted(names.size() - LISTED) : "";
    return kind + ": " + String.join(", ", names.stream().limit(LISTED).toList()) + more + ";";
  }

  @Override
  public void close() throws IOException {
    for (SafetensorsFile file : files.values()) {
      file.close();
    }
  }
}
