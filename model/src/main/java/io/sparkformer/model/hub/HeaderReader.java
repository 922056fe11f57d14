package io.sparkformer.model.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the header of a safetensors file token by token, and ends at the first thing that cannot be part of one: what a damaged or hostile
 * header makes it keep in memory is little more than the header's own bytes.
 */
final class HeaderReader {
  /** As many as PyTorch's tensors may have. */
  private static final int MAX_DIMENSIONS = 64;

  private final JsonParser json;
  private final String file;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, SafetensorsHeader.Entry> tensors = new LinkedHashMap<>();

  private HeaderReader(JsonParser json, String file) {
    this.json = json;
    this.file = file;
  }

  /**
   * Reads and checks a header.
   *
   * @param bytes the header
   * @param dataBytes how many bytes follow it in the file
   * @param file names the file in messages
   * @throws DamagedFileException when it is not a header, or its offsets do not fill the file exactly once
   */
  static SafetensorsHeader read(byte[] bytes, long dataBytes, String file) {
    try (JsonParser json = StrictJson.parser(bytes)) {
      HeaderReader reader = new HeaderReader(json, file);
      if (json.nextToken() != JsonToken.START_OBJECT || bytes[0] != '{') {
        throw new DamagedFileException(file + ": the safetensors header must be a JSON object");
      }
      reader.read();
      requireFilled(reader.tensors, dataBytes, file);
      return new SafetensorsHeader(reader.metadata, reader.tensors);
    } catch (JsonProcessingException e) {
      throw new DamagedFileException(file + ": the safetensors header is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DamagedFileException(file + ": the safetensors header is not UTF-8 text: " + e.getMessage(), e);
    }
  }

  private void read() throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      if (name.equals(SafetensorsHeader.METADATA)) {
        readMetadata();
      } else {
        tensors.put(name, entry(file + ": tensor " + name));
      }
    }
    if (json.nextToken() != null) {
      throw new DamagedFileException(file + ": the safetensors header is not JSON: something follows its object");
    }
  }

  private void readMetadata() throws IOException {
    boolean strings = json.currentToken() == JsonToken.START_OBJECT;
    while (strings && json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      strings = json.nextToken() == JsonToken.VALUE_STRING;
      metadata.put(name, json.getText());
    }
    if (!strings) {
      throw new DamagedFileException(file + ": " + SafetensorsHeader.METADATA + " must be an object of strings, found " + found());
    }
  }

  private SafetensorsHeader.Entry entry(String where) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new DamagedFileException(where + " must be an object with dtype, shape and data_offsets, found " + found());
    }
    TensorType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "dtype" -> type = type(where);
        case "shape" -> shape = longs(where + ": shape");
        case "data_offsets" -> offsets = longs(where + ": data_offsets");
        default -> json.skipChildren();
      }
    }
    if (type == null || shape == null || offsets == null) {
      throw new DamagedFileException(where + " has no " + (type == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
    }
    return entry(where, type, shape, offsets);
  }

  private static SafetensorsHeader.Entry entry(String where, TensorType type, List<Long> shape, List<Long> offsets) {
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
    return new SafetensorsHeader.Entry(type, shape, offsets.get(0), offsets.get(1));
  }

  private TensorType type(String where) throws IOException {
    String name = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
    return Arrays.stream(TensorType.values()).filter(each -> each.name().equals(name)).findFirst()
        .orElseThrow(() -> new DamagedFileException(where + " must have dtype F32, F16 or BF16, found " + found()));
  }

  private List<Long> longs(String where) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new DamagedFileException(where + " must be an array, found " + found());
    }
    List<Long> values = new ArrayList<>(4);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || json.getLongValue() < 0) {
        throw new DamagedFileException(where + " must hold whole numbers of at least 0, found " + found());
      }
      if (values.size() == MAX_DIMENSIONS) {
        throw new DamagedFileException(where + " must hold at most " + MAX_DIMENSIONS + " numbers");
      }
      values.add(json.getLongValue());
    }
    return List.copyOf(values);
  }

  /** The current token, for messages. */
  private String found() {
    try {
      return json.currentToken() == JsonToken.VALUE_STRING ? '"' + json.getText() + '"' : json.getText();
    } catch (IOException e) {
      return "something unreadable: " + e.getMessage();
    }
  }

  private static void requireFilled(Map<String, SafetensorsHeader.Entry> tensors, long dataBytes, String file) {
    long filled = 0;
    List<Map.Entry<String, SafetensorsHeader.Entry>> inOrder = new ArrayList<>(tensors.entrySet());
    inOrder.sort(Comparator.<Map.Entry<String, SafetensorsHeader.Entry>>comparingLong(each -> each.getValue().begin())
        .thenComparingLong(each -> each.getValue().end()));
    for (Map.Entry<String, SafetensorsHeader.Entry> each : inOrder) {
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
