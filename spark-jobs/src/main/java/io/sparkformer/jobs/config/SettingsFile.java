package io.sparkformer.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.sparkformer.data.file.PlainFiles;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Reads a run's configuration file, on the local disk or any Hadoop file system. */
final class SettingsFile {
  private SettingsFile() {
  }

  static Config parse(String name, Configuration hadoop) {
    var options = ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setOriginDescription(name).setAllowMissing(false);
    File local = new File(name);
    try {
      if (local.isDirectory()) {
        throw problem(name, name + " is a folder, not a configuration file", "name a .conf file");
      }
      // A local file is read by name, so that its include statements find their neighbours; a pipe is read as well.
      return local.exists() ? ConfigFactory.parseFile(local, options) : parseRemote(name, hadoop, options);
    } catch (ConfigException e) {
      throw unreadable(name, e);
    }
  }

  /** A file of conf/ that the job jar carries. */
  static Config ofJar(String name) {
    try (InputStream in = SettingsFile.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The job jar lacks io/sparkformer/jobs/config/" + name + "; build it again (./mvnw package)");
      }
      var options = ConfigParseOptions.defaults().setOriginDescription("conf/" + name);
      return ConfigFactory.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8), options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Config parseRemote(String name, Configuration hadoop, ConfigParseOptions options) {
    try {
      var path = new Path(name);
      try (InputStream in = path.getFileSystem(PlainFiles.configuration(hadoop)).open(path);
          var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        return ConfigFactory.parseReader(reader, options);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw problem(name, "Configuration file " + name + " cannot be read: " + oneLine(e), "check the path given to --config");
    }
  }

  /** The local files from which values were read: the run's file and those that it includes. */
  static List<Path> filesOf(Config config) {
    var files = new TreeSet<String>();
    KnownKeys.eachLeaf(config.root(), (key, value) -> Optional.ofNullable(value.origin().filename()).ifPresent(files::add));
    return files.stream().map(file -> new Path("file", null, new File(file).getAbsolutePath())).toList();
  }

  static InvalidSettingException unreadable(String name, ConfigException e) {
    String fix = "it must be HOCON, key = value; quote values that hold : or // or other special characters";
    return problem(name, "Configuration file " + name + " cannot be read: " + oneLine(e).replaceFirst(": (\\d+): ", ":$1: "), fix);
  }

  static String oneLine(Throwable e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
  }

  private static InvalidSettingException problem(String name, String problem, String fix) {
    return InvalidSettingException.problem(name, problem, fix);
  }
}
