package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.memory.FloatRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What real Hugging Face classes wrote goes through a network of ours and comes back the same. */
class HubWriterTest {
  @TempDir
  private Path output;

  static List<Named<Path>> folders() throws IOException {
    return HubCases.supported().stream().map(folder -> Named.of(folder.getFileName().toString(), folder)).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("folders")
  void whatWasReadIsWrittenTensorByTensorAndKeyByKey(Path folder) throws IOException {
    convert(folder, new HubWriter(TensorType.F32));
    assertThat(config(output)).isEqualTo(config(folder));
    assertThat(Files.exists(output.resolve("generation_config.json")))
        .isEqualTo(Files.exists(folder.resolve("generation_config.json")));
    try (TensorFiles written = tensors(output); TensorFiles original = tensors(folder)) {
      assertThat(written.names()).containsExactlyInAnyOrderElementsOf(original.names());
      for (String tensor : original.names()) {
        assertThat(written.fileOf(tensor).shape(tensor)).as(tensor).isEqualTo(original.fileOf(tensor).shape(tensor));
        assertThat(bits(written, tensor)).as(tensor).isEqualTo(bits(original, tensor));
      }
    }
  }

  @Test
  void filesAreNoLargerThanTheLimitAndTheIndexFindsEveryTensor() throws IOException {
    convert(HubCases.own("llama"), new HubWriter(TensorType.F32, 20_000));
    List<Path> files;
    try (Stream<Path> all = Files.list(output)) {
      files = all.filter(file -> file.toString().endsWith(".safetensors")).toList();
    }
    assertThat(files).hasSizeGreaterThan(2).allMatch(file -> file.getFileName().toString()
        .matches("model-000\\d\\d-of-%05d\\.safetensors".formatted(files.size())));
    JsonNode index = new ObjectMapper().readTree(output.resolve("model.safetensors.index.json").toFile());
    long bytes = 0;
    try (TensorFiles written = tensors(output); TensorFiles original = tensors(HubCases.own("llama"))) {
      for (String tensor : original.names()) {
        assertThat(bits(written, tensor)).as(tensor).isEqualTo(bits(original, tensor));
        assertThat(index.path("weight_map").path(tensor).asText()).endsWith(".safetensors");
        bytes += 4L * bits(original, tensor).length;
      }
    }
    assertThat(index.path("metadata").path("total_size").asLong()).isEqualTo(bytes);
  }

  @Test
  void halfPrecisionIsTheNearestAndNamedInTheConfiguration() throws IOException {
    for (TensorType type : List.of(TensorType.F16, TensorType.BF16)) {
      Path folder = output.resolve(type.name());
      convert(HubCases.own("gpt2"), folder, new HubWriter(type));
      ObjectNode expected = (ObjectNode) config(HubCases.own("gpt2"));
      assertThat(config(folder)).isEqualTo(expected.put("torch_dtype", type == TensorType.F16 ? "float16" : "bfloat16"));
      // Half of the distance between two values of 11 and 8 significant bits.
      double error = type == TensorType.F16 ? 0x1p-11 : 0x1p-8;
      try (TensorFiles written = tensors(folder); TensorFiles original = tensors(HubCases.own("gpt2"))) {
        for (String tensor : original.names()) {
          float[] values = original.fileOf(tensor).values(tensor);
          float[] rounded = written.fileOf(tensor).values(tensor);
          for (int i = 0; i < values.length; i++) {
            assertThat((double) Math.abs(rounded[i] - values[i])).as(tensor).isLessThanOrEqualTo(Math.abs(values[i]) * error + 0x1p-25);
          }
        }
      }
    }
  }

  @Test
  void valueBeyondHalfPrecisionIsRefused() throws IOException {
    NamedTensor large = NamedTensor.of("large", FloatRegion.copyOf(new float[] {1, -70000}), 2);
    FileSystem files = FileSystem.getLocal(new Configuration());
    HubFolder folder = HubFolder.open(new Configuration(), hadoop(HubCases.own("gpt2")));
    assertThatThrownBy(() -> new HubWriter(TensorType.F16).write(files, hadoop(output), folder.config(), List.of(large)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor large holds -70000.0, which is beyond float16; write bfloat16 or float32");
  }

  private void convert(Path from, HubWriter writer) throws IOException {
    convert(from, output, writer);
  }

  private static void convert(Path from, Path to, HubWriter writer) throws IOException {
    HubFolder folder = HubFolder.open(new Configuration(), hadoop(from));
    TransformerModel model = TransformerModel.create(folder.config().network(), GoldenKernels.of("FLOAT32"));
    folder.readInto(model);
    FileSystem files = FileSystem.getLocal(new Configuration());
    writer.write(files, hadoop(to), folder.config(), ModelTensors.of(folder.config(), model).all());
    folder.copyCompanions(files, hadoop(to));
  }

  private static TensorFiles tensors(Path folder) throws IOException {
    return TensorFiles.open(FileSystem.getLocal(new Configuration()), hadoop(folder));
  }

  private static int[] bits(TensorFiles files, String tensor) throws IOException {
    float[] values = files.fileOf(tensor).values(tensor);
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static JsonNode config(Path folder) throws IOException {
    return new ObjectMapper().readTree(folder.resolve("config.json").toFile());
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
