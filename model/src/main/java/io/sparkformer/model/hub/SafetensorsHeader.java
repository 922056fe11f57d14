package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file; see the package for the format.
 *
 * @param metadata the strings under {@code __metadata__}
 * @param tensors by name, in the order of the header
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Entry> tensors) {
  static final String METADATA = "__metadata__";
  /** The limit of the reference implementation; also keeps a damaged length from being allocated. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  /**
   * Where a tensor lies.
   *
   * @param type of its elements
   * @param shape sizes of the dimensions, outermost first
   * @param begin first byte, counted from the end of the header
   * @param end one past the last byte
   */
  record Entry(TensorType type, List<Long> shape, long begin, long end) {
    long elements() {
      return (end - begin) / type.bytes();
    }
  }

  /** The header of tensors written one after another in the given order, all with elements of one type. */
  static SafetensorsHeader of(List<? extends TensorContent> tensors, TensorType type, Map<String, String> metadata) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    long begin = 0;
    for (TensorContent tensor : tensors) {
      long end = begin + tensor.length() * type.bytes();
      if (tensor.name().equals(METADATA) || entries.put(tensor.name(), new Entry(type, tensor.shape(), begin, end)) != null) {
        throw new IllegalArgumentException("A tensor's name must be unique and not " + METADATA + ", found " + tensor.name());
      }
      begin = end;
    }
    return new SafetensorsHeader(Map.copyOf(metadata), entries);
  }

  /** The header as it stands in the file after its length; a multiple of 8 bytes. */
  byte[] render() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      ObjectNode strings = root.putObject(METADATA);
      metadata.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(each -> strings.put(each.getKey(), each.getValue()));
    }
    tensors.forEach((name, entry) -> {
      ObjectNode node = root.putObject(name);
      node.put("dtype", entry.type().name());
      entry.shape().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(entry.begin()).add(entry.end());
    });
    byte[] text = root.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }
}
