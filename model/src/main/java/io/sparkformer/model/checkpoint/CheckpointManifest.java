package io.sparkformer.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.hub.DamagedFileException;
import io.sparkformer.model.memory.FlatRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a checkpoint consists of; see the package for the format.
 *
 * @param step the updates made before it was written
 * @param parameters length of the flat array
 * @param files every file but the manifest
 */
record CheckpointManifest(long step, long parameters, List<CheckpointFile> files) {
  static final String FILE = "manifest.json";
  static final String MODEL = "model.safetensors";
  static final String CONFIG = "config.json";
  static final String TOKENIZER = "tokenizer.json";
  static final String RUN = "run.conf";
  static final String TRAINING_STATE = "training-state.json";
  static final int FORMAT_VERSION = 1;
  private static final String SEAL = ",\n  \"manifestCrc32c\" : \"";
  private static final String END = "\"\n}\n";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** @throws IllegalArgumentException when a file is missing or named twice, or the optimizer's slices do not make up the whole */
  CheckpointManifest {
    files = files.stream().sorted(Comparator.comparing(CheckpointFile::name)).toList();
    Set<String> names = new HashSet<>();
    for (CheckpointFile file : files) {
      if (!names.add(file.name())) {
        throw new IllegalArgumentException("The checkpoint of step " + step + " holds " + file.name() + " twice");
      }
    }
    for (String required : List.of(MODEL, CONFIG, TOKENIZER, RUN, TRAINING_STATE)) {
      if (!names.contains(required)) {
        throw new IllegalArgumentException("The checkpoint of step " + step + " lacks " + required);
      }
    }
    long covered = 0;
    for (CheckpointFile file : optimizer(files)) {
      FlatRange slice = file.slice().orElseThrow();
      if (slice.from() != covered) {
        throw new IllegalArgumentException("The checkpoint of step " + step + " lacks or repeats optimizer state: " + file.name()
            + " holds " + slice + ", expected one from " + covered + " on");
      }
      covered = slice.to();
    }
    if (covered != parameters) {
      throw new IllegalArgumentException("The checkpoint of step " + step + " holds optimizer state for " + covered + " of "
          + parameters + " parameters");
    }
  }

  /** The files of optimizer state, in the order of their slices. */
  List<CheckpointFile> optimizer() {
    return optimizer(files);
  }

  private static List<CheckpointFile> optimizer(List<CheckpointFile> files) {
    return files.stream().filter(file -> file.slice().isPresent())
        .sorted(Comparator.<CheckpointFile>comparingLong(file -> file.slice().orElseThrow().from())
            .thenComparingLong(file -> file.slice().orElseThrow().to()))
        .toList();
  }

  byte[] render() {
    ObjectNode root = JSON.createObjectNode();
    root.put("formatVersion", FORMAT_VERSION).put("step", step).put("parameters", parameters);
    ArrayNode list = root.putArray("files");
    files.forEach(file -> list.add(file.toNode()));
    String open = root.toPrettyString().replace("\r\n", "\n").stripTrailing();
    String body = open.substring(0, open.length() - 1).stripTrailing();
    String checksum = Checksum.of(body.getBytes(StandardCharsets.UTF_8), body.getBytes(StandardCharsets.UTF_8).length);
    return (body + SEAL + checksum + END).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads and checks a manifest.
   *
   * @param file names it in messages
   * @throws DamagedFileException when a byte of it was changed or lost
   * @throws IllegalStateException when it is of a later format version
   */
  static CheckpointManifest parse(byte[] bytes, String file) {
    // Byte for byte, so that a damaged byte stays one character.
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int seal = text.lastIndexOf(SEAL);
    if (seal < 0) {
      throw new DamagedFileException(file + ": cut off or altered: it does not end with its checksum");
    }
    String expected = SEAL + Checksum.of(bytes, seal) + END;
    if (!text.substring(seal).equals(expected)) {
      throw new DamagedFileException(file + ": altered: expected it to end with" + oneLine(expected) + ", found"
          + oneLine(text.substring(seal)));
    }
    try {
      JsonNode root = JSON.readTree(bytes);
      int version = root.path("formatVersion").asInt(-1);
      if (version != FORMAT_VERSION) {
        throw new IllegalStateException(file + ": checkpoint format version " + version + ", this version of Sparkformer reads "
            + FORMAT_VERSION + "; use the one that wrote it, or a later one");
      }
      List<CheckpointFile> files = new ArrayList<>();
      root.path("files").forEach(node -> files.add(CheckpointFile.fromNode(node)));
      return new CheckpointManifest(root.path("step").asLong(-1), root.path("parameters").asLong(-1), files);
    } catch (JsonProcessingException e) {
      throw new DamagedFileException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException | IllegalArgumentException e) {
      throw new DamagedFileException(file + ": " + e.getMessage(), e);
    }
  }

  private static String oneLine(String text) {
    return text.replaceAll("[\\s,{}]+", " ").stripTrailing();
  }
}
