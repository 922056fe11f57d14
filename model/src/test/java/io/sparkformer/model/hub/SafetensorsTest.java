package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.memory.FloatRegion;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir
  private Path folder;
  private FileSystem fileSystem;

  @BeforeEach
  void openFileSystem() throws IOException {
    fileSystem = FileSystem.getLocal(new Configuration()).getRawFileSystem();
  }

  @Test
  void tensorsComeBackAsTheyWereWritten() throws IOException {
    FloatRegion flat = random(1_000_000);
    Path file = folder.resolve("model.safetensors");
    List<NamedTensor> tensors = List.of(
        NamedTensor.of("layer.weight", flat.slice(16, 700_016), 7, 1000, 100),
        NamedTensor.of("scalar", flat.slice(5, 6)),
        NamedTensor.of("empty", flat.slice(9, 9), 3, 0),
        NamedTensor.of("name with \"quotes\", umlauts äöü and \uD83D\uDE00", flat.slice(0, 12), 12));
    write(file, tensors, Map.of("format", "pt", "from", "0"));
    try (SafetensorsFile read = open(file)) {
      assertThat(read.names()).containsExactly("layer.weight", "scalar", "empty",
          "name with \"quotes\", umlauts äöü and \uD83D\uDE00");
      assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "from", "0"));
      for (NamedTensor tensor : tensors) {
        assertThat(read.shape(tensor.name())).isEqualTo(tensor.shape());
        assertThat(read.values(tensor.name())).isEqualTo(tensor.values().toArray());
      }
      FloatRegion part = FloatRegion.allocate(5);
      read.read("layer.weight", 123_456, part);
      assertThat(part.toArray()).isEqualTo(flat.slice(123_472, 123_477).toArray());
    }
    byte[] bytes = Files.readAllBytes(file);
    long headerBytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(headerBytes % 8).isZero();
    assertThat((char) bytes[8]).isEqualTo('{');
  }

  @Test
  void readsFilesOfOtherPrograms() throws IOException {
    org.apache.hadoop.fs.Path golden = new org.apache.hadoop.fs.Path(
        getClass().getResource("/golden/post-norm-relu/weights.safetensors").toString());
    try (SafetensorsFile read = SafetensorsFile.open(fileSystem, golden)) {
      assertThat(read.shape("embedding.weight")).containsExactly(50L, 32L);
      assertThat(read.shape("encoder.layers.0.self_attn.in_proj_weight")).containsExactly(96L, 32L);
      float[] values = read.values("encoder.layers.0.norm1.weight");
      assertThat(values).hasSize(32);
      for (float value : values) {
        assertThat(value).isBetween(0.3f, 3f);
      }
    }
  }

  @Test
  void anyTruncationIsDetectedOnOpening() throws IOException {
    Path whole = folder.resolve("whole.safetensors");
    FloatRegion flat = random(100);
    write(whole, List.of(NamedTensor.of("a", flat.slice(0, 60), 6, 10), NamedTensor.of("b", flat.slice(60, 100), 40)), Map.of());
    byte[] bytes = Files.readAllBytes(whole);
    Path file = folder.resolve("cut.safetensors");
    for (int length = 0; length < bytes.length; length += length < 16 ? 1 : 7) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> open(file)).isInstanceOf(DamagedFileException.class).hasMessageContaining("cut.safetensors: ");
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertThatThrownBy(() -> open(file)).isInstanceOf(DamagedFileException.class)
        .hasMessageEndingWith("the tensors fill 400 bytes after the header, found 401");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
            not json                                                  | is not JSON
            []                                                        | must be a JSON object
            {} {}                                                     | is not JSON
            {"a":T[2][0,4]}                                           | of shape [2] needs 8 bytes, found data_offsets [0, 4] (4 bytes)
            {"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}    | tensor a must have dtype F32, F16 or BF16, found "I64"
            {"a":T[2][8,0]}                                           | data_offsets must be a begin and an end, found [8, 0]
            {"a":T[2][0]}                                             | data_offsets must be a begin and an end, found [0]
            {"a":T[-2][0,8]}                                          | shape must hold whole numbers of at least 0, found -2
            {"a":T2[0,8]}                                             | shape must be an array, found 2
            {"a":T[2.5][0,8]}                                         | shape must hold whole numbers of at least 0, found 2.5
            {"a":T[4294967296,4294967296][0,8]}                       | has an impossible shape
            {"a":T[99999999999999999999][0,8]}                        | shape must hold whole numbers of at least 0
            {"a":T[2][0,8],"b":T[1][4,8]}                             | tensor b overlaps the one before it: begins at byte 4, expected 8
            {"b":T[1][4,8]}                                           | tensor b leaves a hole before it: begins at byte 4, expected 0
            {"a":T[1][0,4]}                                           | the tensors fill 4 bytes after the header, found 8
            {"a":T[3][0,12]}                                          | the tensors fill 12 bytes after the header, found 8
            {"a":T[2][0,8],"a":T[2][0,8]}                             | Duplicate field 'a'
            """)
  void rejectsHeadersThatCannotBe(String shortened, String message) throws IOException {
    String header = shortened.replaceAll("T(\\d+|\\[[^]]*])(\\[[^]]*])",
        "{\"dtype\":\"F32\",\"shape\":$1,\"data_offsets\":$2}");
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    Path file = folder.resolve("bad.safetensors");
    Files.write(file, bytes.array());
    assertThatThrownBy(() -> open(file)).isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("bad.safetensors: ").hasMessageContaining(message);
  }

  @Test
  void impossibleHeaderLengthIsNotAllocated() throws IOException {
    Path file = folder.resolve("long.safetensors");
    for (long length : new long[] {Long.MAX_VALUE, -1, 1L << 40, 57}) {
      ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
      Files.write(file, bytes.putLong(length).array());
      assertThatThrownBy(() -> open(file)).isInstanceOf(DamagedFileException.class)
          .hasMessageEndingWith("a header of " + Long.toUnsignedString(length) + " bytes in a file of 64");
    }
  }

  @Test
  void rejectsTensorsThatDoNotFit() throws IOException {
    assertThatThrownBy(() -> NamedTensor.of("a", FloatRegion.allocate(5), 2, 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Tensor a of shape [2, 3] needs 6 values, found 5");
    Path file = folder.resolve("twice.safetensors");
    List<NamedTensor> twice = List.of(NamedTensor.of("a", FloatRegion.allocate(1), 1), NamedTensor.of("a", FloatRegion.allocate(1), 1));
    assertThatThrownBy(() -> write(file, twice, Map.of())).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A tensor's name must be unique and not __metadata__, found a");
    write(file, twice.subList(0, 1), Map.of());
    try (SafetensorsFile read = open(file)) {
      assertThatThrownBy(() -> read.shape("b")).isInstanceOf(DamagedFileException.class).hasMessageContaining("no tensor named b");
      assertThatThrownBy(() -> read.read("a", 1, FloatRegion.allocate(1))).isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("tensor a has 1 elements, cannot read 1 from 1 on");
    }
  }

  private SafetensorsFile open(Path file) throws IOException {
    return SafetensorsFile.open(fileSystem, new org.apache.hadoop.fs.Path(file.toUri()));
  }

  private static void write(Path file, List<NamedTensor> tensors, Map<String, String> metadata) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      SafetensorsWriter.write(out, tensors, metadata);
    }
  }

  private static FloatRegion random(int length) {
    Random random = new Random(length);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return FloatRegion.copyOf(values);
  }
}
