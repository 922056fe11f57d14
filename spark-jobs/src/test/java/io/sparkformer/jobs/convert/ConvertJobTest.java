package io.sparkformer.jobs.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.ConvertSettings;
import io.sparkformer.jobs.config.OutputSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertJobTest {
  private static final Path GOLDEN = Path.of("../model/src/test/resources");

  @TempDir
  private Path folder;

  @Test
  void modelIsWrittenWithItsCompanionsAndReadAgainTheSame() throws IOException {
    Path marian = GOLDEN.resolve("golden/hf/marian");
    convert(marian, folder.resolve("half"), "bfloat16", false);
    try (Stream<Path> files = Files.list(folder.resolve("half"))) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.endsWith(".crc")))
          .containsExactlyInAnyOrder("config.json", "model.safetensors", "generation_config.json");
    }
    assertThat(config(folder.resolve("half")).path("torch_dtype").asText()).isEqualTo("bfloat16");
    assertThatThrownBy(() -> convert(marian, folder.resolve("half"), "float32", false)).isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("output exists already: ");
    convert(folder.resolve("half"), folder.resolve("again"), "bfloat16", false);
    assertThat(folder.resolve("again/model.safetensors")).hasSameBinaryContentAs(folder.resolve("half/model.safetensors"));
    convert(marian, folder.resolve("half"), "float32", true);
    assertThat(config(folder.resolve("half"))).isEqualTo(config(marian));
  }

  @Test
  void postNormModelOfTheFirstVersionBecomesMarian() throws IOException {
    convert(GOLDEN.resolve("checkpoint/post-norm-relu"), folder.resolve("out"), "float32", false);
    assertThat(config(folder.resolve("out")).path("architectures").get(0).asText()).isEqualTo("MarianMTModel");
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.endsWith(".crc"))).containsExactlyInAnyOrder(
          "config.json", "model.safetensors", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
          "special_tokens_map.json");
    }
    // What was written is whole: every tensor of such a model is there.
    convert(folder.resolve("out"), folder.resolve("again"), "float32", false);
    assertThat(folder.resolve("again/model.safetensors")).hasSameBinaryContentAs(folder.resolve("out/model.safetensors"));
  }

  @Test
  void preNormModelOfTheFirstVersionIsRefusedAndNothingIsLeft() {
    assertThatThrownBy(() -> convert(GOLDEN.resolve("checkpoint/pre-norm-gelu"), folder.resolve("out"), "float32", false))
        .hasMessageContaining("no class of Hugging Face's computes a model of version 0.1 with norm = pre");
    assertThat(folder).isEmptyDirectory();
  }

  private static void convert(Path from, Path to, String type, boolean overwrite) throws IOException {
    ConvertJob.convert(new Configuration(), new ConvertSettings(hadoop(from),
        new OutputSettings(hadoop(to), overwrite, List.of(hadoop(from))), type));
  }

  private static JsonNode config(Path model) throws IOException {
    return new ObjectMapper().readTree(model.resolve("config.json").toFile());
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
