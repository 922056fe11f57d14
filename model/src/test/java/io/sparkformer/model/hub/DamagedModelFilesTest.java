package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.memory.FloatRegion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Files with anything changed end in one line that names the file, or give the values that they now hold: {@link #plainly} reads them a
 * second time, as plainly as the format can be written down.
 */
@Timeout(120)
class DamagedModelFilesTest {
  private static final Path FOLDER = new Path("/model");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final String[] NUMBERS = {"0", "1", "2", "3", "4", "8", "12", "16", "20", "-1", "-0", "1.0", "1e0", "1e9", "007", "null",
      "true", "\"4\"", "[]", "[4]", "{}", "2147483648", "4294967296", "4611686018427387904", "9223372036854775807", "9223372036854775808",
      "99999999999999999999999", "[[[[[[[[4]]]]]]]]"};
  private static final String[] WORDS = {"F32", "F16", "BF16", "I64", "F64", "f32", "U8", "dtype", "shape", "data_offsets", "__metadata__",
      "a", "b", "", "\\u0061", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "../x.safetensors", "weight_map"};
  private static final Pattern WORD = Pattern.compile("\"[^\"]*\"");

  private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Random random = new Random(17);
  private final MemoryFiles files = new MemoryFiles();

  @Test
  void mutatedFilesAreRefusedOrReadRight() throws IOException {
    byte[][] whole = {file(TensorType.F32), file(TensorType.F16), file(TensorType.BF16)};
    int read = 0;
    for (int i = 0; i < 80_000; i++) {
      byte[] mutated = mutate(whole[i % whole.length]);
      files.files.put(TensorFiles.SINGLE, mutated);
      Map<String, List<Float>> expected = plainly(mutated);
      try {
        assertThat(values()).as(() -> text(mutated)).isEqualTo(expected);
        read++;
      } catch (DamagedFileException e) {
        assertThat(e).as(() -> text(mutated)).hasMessageStartingWith("/model/" + TensorFiles.SINGLE + ": ");
        assertThat(expected).as(() -> e.getMessage() + "; " + text(mutated)).isNull();
      }
    }
    assertThat(read).isBetween(2_000, 60_000);
  }

  @Test
  void mutatedIndexesAreRefusedOrReadRight() throws IOException {
    byte[] index = """
        {"metadata": {"total_size": 40}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
        """.strip().getBytes(StandardCharsets.UTF_8);
    byte[][] parts = {file("a", 1, 2, 3, 4, 5, 6), file("b", 7, 8, 9, 10)};
    Map<String, List<Float>> whole = Map.of("a", List.of(1f, 2f, 3f, 4f, 5f, 6f), "b", List.of(7f, 8f, 9f, 10f));
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] mutated = mutateText(index);
      files.files.put(TensorFiles.INDEX, mutated);
      for (int part = 0; part < 2; part++) {
        files.files.put("model-0000%d-of-00002.safetensors".formatted(part + 1), parts[part]);
      }
      if (random.nextInt(10) == 0) {
        files.files.remove("model-00002-of-00002.safetensors");
      }
      try {
        // A map that names one of the files alone is a smaller model.
        assertThat(whole.entrySet()).as(() -> new String(mutated, StandardCharsets.UTF_8)).containsAll(values().entrySet());
        read++;
      } catch (DamagedFileException e) {
        assertThat(e).hasMessageStartingWith("/model/");
      }
    }
    assertThat(read).isBetween(1_000, 19_000);
  }

  @Test
  void headerEndsAtTheFirstThingThatIsNone() {
    byte[] shape = ("{\"a\":{\"shape\":[1" + ",1".repeat(5_000_000) + "]}}").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> HeaderReader.read(shape, 0, "file")).isInstanceOf(DamagedFileException.class)
        .hasMessage("file: tensor a: shape must hold at most 64 numbers");
  }

  @Test
  void textOfAnotherEncodingIsRefused() {
    for (String encoding : List.of("UTF-16LE", "UTF-32LE")) {
      byte[] header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}".getBytes(Charset.forName(encoding));
      assertThatThrownBy(() -> HeaderReader.read(header, 4, "file")).isInstanceOf(DamagedFileException.class);
    }
    byte[] latin = "{\"ä\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> HeaderReader.read(latin, 4, "file")).hasMessageStartingWith("file: the safetensors header is not UTF-8 text");
  }

  private Map<String, List<Float>> values() throws IOException {
    Map<String, List<Float>> values = new TreeMap<>();
    try (TensorFiles opened = TensorFiles.open(files, FOLDER)) {
      for (String name : opened.names()) {
        values.put(name, boxed(opened.fileOf(name).values(name)));
      }
    }
    return values;
  }

  private static List<Float> boxed(float[] values) {
    Float[] boxed = new Float[values.length];
    Arrays.setAll(boxed, i -> values[i]);
    return List.of(boxed);
  }

  /** The tensors of a file; null when it is not one. */
  private static Map<String, List<Float>> plainly(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (file.length < 9 || bytes.getLong(0) < 2 || bytes.getLong(0) > file.length - 8 || file[8] != '{') {
      return null;
    }
    int start = 8 + (int) bytes.getLong(0);
    try {
      String header = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file, 8, start - 8)).toString();
      JsonNode root = JSON.readTree(header);
      Map<String, List<Float>> tensors = new TreeMap<>();
      int[] uses = new int[file.length - start];
      for (Map.Entry<String, JsonNode> each : root.properties()) {
        if (!each.getKey().equals("__metadata__")) {
          tensors.put(each.getKey(), tensor(each.getValue(), bytes, start, uses));
        } else if (!each.getValue().isObject() || each.getValue().properties().stream().anyMatch(text -> !text.getValue().isTextual())) {
          return null;
        }
      }
      return root.isObject() && Arrays.stream(uses).allMatch(count -> count == 1) && !tensors.containsValue(null) ? tensors : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static List<Float> tensor(JsonNode entry, ByteBuffer bytes, int start, int[] uses) {
    String type = entry.path("dtype").isTextual() ? entry.path("dtype").asText() : "";
    int width = Map.of("F32", 4, "F16", 2, "BF16", 2).getOrDefault(type, 0);
    if (width == 0 || !isWhole(entry.path("shape")) || !isWhole(entry.path("data_offsets")) || entry.path("data_offsets").size() != 2) {
      return null;
    }
    BigInteger elements = BigInteger.ONE;
    for (JsonNode size : entry.path("shape")) {
      elements = elements.multiply(size.bigIntegerValue());
      if (elements.bitLength() > 63) {
        return null;
      }
    }
    long begin = entry.path("data_offsets").path(0).asLong();
    long end = entry.path("data_offsets").path(1).asLong();
    if (begin > end || end > uses.length || !elements.multiply(BigInteger.valueOf(width)).equals(BigInteger.valueOf(end - begin))) {
      return null;
    }
    Float[] values = new Float[elements.intValueExact()];
    for (int i = 0; i < values.length; i++) {
      int at = (int) begin + i * width;
      Arrays.setAll(uses, use -> use >= at && use < at + width ? uses[use] + 1 : uses[use]);
      values[i] = switch (type) {
        case "F32" -> bytes.getFloat(start + at);
        case "F16" -> HalfFloat.toFloat(bytes.getShort(start + at));
        default -> Float.intBitsToFloat(bytes.getShort(start + at) << 16);
      };
    }
    return List.of(values);
  }

  private static boolean isWhole(JsonNode array) {
    for (JsonNode each : array) {
      if (!each.isIntegralNumber() || !each.canConvertToLong() || each.asLong() < 0) {
        return false;
      }
    }
    return array.isArray() && array.size() <= 64;
  }

  private static byte[] file(TensorType type) throws IOException {
    FloatRegion values = FloatRegion.copyOf(new float[] {1, -2, 3.5f, -0.25f, 1e-3f, 6, 7, 8});
    return written(type, List.of(NamedTensor.of("a", values.slice(0, 4), 2, 2), NamedTensor.of("b", values.slice(4, 7), 3),
        NamedTensor.of("c", values.slice(7, 8)), NamedTensor.of("none", values.slice(0, 0), 3, 0)));
  }

  private static byte[] file(String name, float... values) throws IOException {
    return written(TensorType.F32, List.of(NamedTensor.of(name, FloatRegion.copyOf(values), values.length)));
  }

  private static byte[] written(TensorType type, List<NamedTensor> tensors) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SafetensorsWriter.write(out, tensors, type, Map.of("format", "pt"));
    return out.toByteArray();
  }

  /** Changes the header's length, bytes anywhere, the file's length, or the header's text, whose length then fits most of the time. */
  private byte[] mutate(byte[] whole) {
    byte[] file = whole.clone();
    int headerBytes = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    switch (random.nextInt(8)) {
      case 0 -> file[random.nextInt(8)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> file[random.nextInt(file.length)] = (byte) random.nextInt();
      case 2 -> file = Arrays.copyOf(file, random.nextInt(file.length + 10));
      default -> {
        byte[] header = mutateText(Arrays.copyOfRange(whole, 8, 8 + headerBytes));
        ByteBuffer changed = ByteBuffer.allocate(8 + header.length + whole.length - 8 - headerBytes).order(ByteOrder.LITTLE_ENDIAN);
        changed.putLong(random.nextInt(20) == 0 ? random.nextLong() : header.length).put(header);
        file = changed.put(whole, 8 + headerBytes, whole.length - 8 - headerBytes).array();
      }
    }
    return file;
  }

  /** Changes numbers, words or bytes of a text, or repeats, removes or exchanges a piece of it. */
  private byte[] mutateText(byte[] text) {
    String changed = new String(text, StandardCharsets.UTF_8);
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int from = random.nextInt(changed.length() + 1);
      int to = Math.min(changed.length(), from + random.nextInt(60));
      int kind = random.nextInt(9);
      changed = kind < 4 ? replaceOne(changed, NUMBER, NUMBERS[random.nextInt(NUMBERS.length)])
          : kind < 6 ? replaceOne(changed, WORD, '"' + WORDS[random.nextInt(WORDS.length)] + '"')
          : kind < 7 ? changed.substring(0, to) + changed.substring(from)
          : kind < 8 ? changed.substring(0, from) + changed.substring(to)
          : changed.substring(0, from) + (char) (random.nextInt(8) == 0 ? random.nextInt(0x2000) : ' ' + random.nextInt(95))
              + changed.substring(from);
    }
    return changed.getBytes(StandardCharsets.UTF_8);
  }

  private String replaceOne(String text, Pattern what, String by) {
    List<Integer> places = what.matcher(text).results().map(result -> result.start()).toList();
    if (places.isEmpty()) {
      return text;
    }
    Matcher matcher = what.matcher(text);
    matcher.find(places.get(random.nextInt(places.size())));
    return text.substring(0, matcher.start()) + by + text.substring(matcher.end());
  }

  private static String text(byte[] file) {
    return new String(file, StandardCharsets.ISO_8859_1);
  }
}
