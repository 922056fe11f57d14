package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Writes model folders as {@code save_pretrained} does: {@code config.json}, and the tensors in one file or in several with an index. */
public final class HubWriter {
  /** The largest file that {@code save_pretrained} writes by itself. */
  public static final long MAX_FILE_BYTES = 5_000_000_000L;
  /** What Hugging Face's loaders want to see in a file. */
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private final TensorType type;
  private final long maxFileBytes;

  public HubWriter(TensorType type) {
    this(type, MAX_FILE_BYTES);
  }

  /**
   * @param type of the elements, to which they are rounded
   * @param maxFileBytes of the tensors in a file; a larger tensor has a file of its own
   */
  public HubWriter(TensorType type, long maxFileBytes) {
    this.type = type;
    this.maxFileBytes = maxFileBytes;
  }

  /**
   * Writes a model into a folder, in which no model may be yet.
   *
   * @param config written as it was read, but for the type of the elements
   * @param tensors all of the model
   * @throws IllegalArgumentException when a value is too large for the type
   */
  public void write(FileSystem fileSystem, Path folder, ModelConfig config, List<? extends TensorContent> tensors) throws IOException {
    List<List<TensorContent>> files = divide(tensors);
    Map<String, String> fileOf = new LinkedHashMap<>();
    long bytes = 0;
    for (int i = 0; i < files.size(); i++) {
      String name = files.size() == 1 ? TensorFiles.SINGLE : "model-%05d-of-%05d.safetensors".formatted(i + 1, files.size());
      try (OutputStream out = fileSystem.create(new Path(folder, name), false)) {
        SafetensorsWriter.write(out, files.get(i), type, METADATA);
      }
      for (TensorContent tensor : files.get(i)) {
        fileOf.put(tensor.name(), name);
        bytes += tensor.length() * type.bytes();
      }
    }
    if (files.size() > 1) {
      write(fileSystem, new Path(folder, TensorIndex.FILE), new TensorIndex(bytes, fileOf).render());
    }
    ObjectNode json = config.json();
    if (type != TensorType.F32 || json.has("torch_dtype")) {
      json.put("torch_dtype", type.torchName());
    }
    // Last: without it, the folder is no model.
    write(fileSystem, new Path(folder, HubFolder.CONFIG), (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private List<List<TensorContent>> divide(List<? extends TensorContent> tensors) {
    List<List<TensorContent>> files = new ArrayList<>(List.of(new ArrayList<>()));
    long bytes = 0;
    for (TensorContent tensor : tensors) {
      long more = tensor.length() * type.bytes();
      if (bytes > 0 && bytes + more > maxFileBytes) {
        files.add(new ArrayList<>());
        bytes = 0;
      }
      files.get(files.size() - 1).add(tensor);
      bytes += more;
    }
    return files;
  }

  private static void write(FileSystem fileSystem, Path file, byte[] content) throws IOException {
    try (OutputStream out = fileSystem.create(file, false)) {
      out.write(content);
    }
  }
}
