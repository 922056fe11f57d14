package io.sparkformer.model.hub;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
  private static final ObjectMapper JSON = new ObjectMapper()
      .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

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
    ObjectNode root = JSON.createObjectNode();
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

  /**
   * Reads and checks a header.
   *
   * @param json the header's bytes
   * @param dataBytes how many bytes follow it in the file
   * @param file names the file in messages
   * @throws DamagedFileException when it is not a header, or its offsets do not fill the file exactly once
   */
  static SafetensorsHeader parse(byte[] json, long dataBytes, String file) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new DamagedFileException(file + ": the safetensors header is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DamagedFileException(file + ": the safetensors header is not UTF-8 text: " + e.getMessage(), e);
    }
    if (json.length == 0 || json[0] != '{' || !root.isObject()) {
      throw new DamagedFileException(file + ": the safetensors header must be a JSON object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Entry> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(METADATA)) {
        for (Map.Entry<String, JsonNode> each : field.getValue().properties()) {
          metadata.put(each.getKey(), each.getValue().asText());
        }
      } else {
        tensors.put(field.getKey(), entry(field.getKey(), field.getValue(), file));
      }
    }
    requireFilled(tensors, dataBytes, file);
    return new SafetensorsHeader(metadata, tensors);
  }

  private static Entry entry(String name, JsonNode node, String file) {
    String where = file + ": tensor " + name;
    TensorType type = Arrays.stream(TensorType.values()).filter(each -> each.name().equals(node.path("dtype").asText())).findFirst()
        .orElseThrow(() -> new DamagedFileException(where + " must have dtype F32, F16 or BF16, found " + node.path("dtype")));
    List<Long> shape = longs(node.path("shape"), where + ": shape");
    List<Long> offsets = longs(node.path("data_offsets"), where + ": data_offsets");
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw new DamagedFileException(where + ": data_offsets must be a begin and an end, found " + offsets);
    }
    long bytes;
    try {
      bytes = Math.multiplyExact(NamedTensor.elements(shape), (long) type.bytes());
    } catch (ArithmeticException e) {
      throw new DamagedFileException(where + " has an impossible shape: " + shape, e);
    }
    long found = offsets.get(1) - offsets.get(0);
    if (bytes != found) {
      throw new DamagedFileException(where + " of shape " + shape + " needs " + bytes + " bytes, found data_offsets " + offsets
          + " (" + found + " bytes)");
    }
    return new Entry(type, shape, offsets.get(0), offsets.get(1));
  }

  private static List<Long> longs(JsonNode array, String where) {
    List<Long> values = new ArrayList<>();
    for (JsonNode each : array) {
      if (!each.isIntegralNumber() || !each.canConvertToLong() || each.asLong() < 0) {
        throw new DamagedFileException(where + " must hold whole numbers of at least 0, found " + each);
      }
      values.add(each.asLong());
    }
    if (!array.isArray()) {
      throw new DamagedFileException(where + " must be an array, found " + array);
    }
    return List.copyOf(values);
  }

  private static void requireFilled(Map<String, Entry> tensors, long dataBytes, String file) {
    long filled = 0;
    List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(tensors.entrySet());
    inOrder.sort(Comparator.<Map.Entry<String, Entry>>comparingLong(each -> each.getValue().begin())
        .thenComparingLong(each -> each.getValue().end()));
    for (Map.Entry<String, Entry> each : inOrder) {
      long begin = each.getValue().begin();
      if (begin != filled) {
        throw new DamagedFileException(file + ": tensor " + each.getKey() + (begin < filled ? " overlaps the one before it"
            : " leaves a hole before it") + ": begins at byte " + begin + ", expected " + filled);
      }
      filled = each.getValue().end();
    }
    if (filled != dataBytes) {
      throw new DamagedFileException(file + ": the tensors fill " + filled + " bytes after the header, found " + dataBytes);
    }
  }
}
