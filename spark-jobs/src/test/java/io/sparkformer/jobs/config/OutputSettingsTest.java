package io.sparkformer.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputSettingsTest {

  @TempDir
  private Path folder;

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Settings load(Path conf, String... assignments) {
    return Settings.load(Optional.of(conf.toString()), Stream.of(assignments).map(Assignment::parse).toList(), new Configuration());
  }

  private static List<String> names(OutputSettings output) {
    return output.inputs().stream().map(org.apache.hadoop.fs.Path::getName).toList();
  }

  @Test
  void everythingThatIsReadIsAnInputWhateverItsPlaceInTheRecord() throws IOException {
    Path conf = write("run.conf", "convert { from = the-model, to = out }\nprepare { output = out, train { source = a, target = b }, "
        + "validation.tsv = c, tokenizer.path = d }\ntranslate { model = m, input = i, output = o }");
    assertThat(names(load(conf).prepare().output())).contains("run.conf", "a", "b", "c", "d").doesNotContain("out", "m", "i");
    assertThat(names(load(conf).translate().sentences().output())).contains("run.conf", "m", "i").doesNotContain("o", "a");
    assertThat(names(load(conf).convert().to())).contains("run.conf", "the-model").doesNotContain("out");
    assertThat(names(load(conf).with(List.of(Assignment.parse("translate.beam=1"))).translate().sentences().output()))
        .contains("run.conf", "m");
  }

  @Test
  void includedConfigurationFilesAreInputs() throws IOException {
    write("model.conf", "translate.model = m");
    Path conf = write("run.conf", "include \"model.conf\"\ntranslate { input = i, output = o }");
    assertThat(load(conf).translate().sentences().output().inputs())
        .contains(new org.apache.hadoop.fs.Path("file:" + folder + "/model.conf"));
  }

  @Test
  void filesOfSystemPropertiesAndOfTheEnvironmentAreInputs() throws IOException {
    String keys = write("keys.jks", "").toString();
    String jar = write("a.jar", "").toString();
    String more = write("b.jar", "").toString();
    String token = write("token", "").toString();
    var properties = new Properties();
    properties.setProperty("spark.ssl.keyStore", keys);
    properties.setProperty("spark.jars", "file:" + jar + ", local://" + more + "#name," + folder + "/missing.jar");
    properties.setProperty("java.class.path", folder + File.pathSeparator + more);
    properties.setProperty("spark.executor.memory", "2g");
    assertThat(ProcessFiles.of(properties, Map.of("TOKEN_FILE", token, "HOME", folder.toString())))
        .map(path -> path.toUri().toString()).containsExactlyInAnyOrder("file:" + keys, "file:" + jar, "file:" + more, "file:" + token);
  }
}
