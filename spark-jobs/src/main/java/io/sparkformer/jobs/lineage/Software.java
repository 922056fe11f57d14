package io.sparkformer.jobs.lineage;

import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.model.graph.TransformerModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.package$;

/** What program this process runs. */
public final class Software {
  /** Native libraries of the job jar, each with the file that names its version and the key in it. */
  private static final Map<String, List<String>> NATIVES = natives();
  private static final String UNKNOWN = "unknown";

  private Software() {}

  /** Version of each part, by its name, and under {@code code} the SHA-256 of the program itself. */
  public static Map<String, String> parts() throws IOException {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("code", codeHash(locations(List.of(Software.class, TransformerModel.class, ShardManifest.class))));
    parts.put("sparkformer", Optional.ofNullable(Software.class.getPackage().getImplementationVersion()).orElse("development"));
    parts.put("spark", package$.MODULE$.SPARK_VERSION());
    parts.put("java", Runtime.version().toString());
    for (Map.Entry<String, List<String>> library : NATIVES.entrySet()) {
      parts.put(library.getKey(), version(library.getValue().get(0), library.getValue().get(1)));
    }
    return parts;
  }

  /** Of the files, and of all files in the folders, in the order of their names. */
  static String codeHash(Set<Path> places) throws IOException {
    MessageDigest digest = Lineage.newSha256();
    for (Path place : places) {
      try (Stream<Path> files = Files.walk(place)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          digest.update(place.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
          try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
          }
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static Set<Path> locations(List<Class<?>> classes) {
    Set<Path> places = new LinkedHashSet<>();
    for (Class<?> each : classes) {
      CodeSource source = each.getProtectionDomain().getCodeSource();
      if (source == null) {
        throw new IllegalStateException("Java does not say where " + each + " comes from");
      }
      try {
        URI place = source.getLocation().toURI();
        places.add(Path.of(place));
      } catch (URISyntaxException | IllegalArgumentException e) {
        throw new IllegalStateException("The program is not in a local file: " + source.getLocation(), e);
      }
    }
    return places;
  }

  private static String version(String file, String key) throws IOException {
    try (InputStream in = Software.class.getClassLoader().getResourceAsStream(file)) {
      if (in == null) {
        return UNKNOWN;
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty(key, UNKNOWN);
    }
  }

  private static Map<String, List<String>> natives() {
    Map<String, List<String>> natives = new LinkedHashMap<>();
    natives.put("nd4j-native", List.of("META-INF/maven/org.nd4j/nd4j-native/pom.properties", "version"));
    natives.put("openblas", List.of("META-INF/maven/org.bytedeco/openblas/pom.properties", "version"));
    natives.put("onednn", List.of("META-INF/maven/org.bytedeco/dnnl/pom.properties", "version"));
    natives.put("tokenizers", List.of("native/lib/tokenizers.properties", "version"));
    return natives;
  }
}
