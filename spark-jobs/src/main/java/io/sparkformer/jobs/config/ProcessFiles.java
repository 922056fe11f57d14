package io.sparkformer.jobs.config;

import java.io.File;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;

/**
 * The local files that this process was started with: those that system properties (spark-submit's options, the class path) and
 * environment variables name. Among them are jars, key stores, key tabs, files of secrets and tokens, and the log file.
 */
final class ProcessFiles {
  private ProcessFiles() { }

  static List<Path> ofProcess() {
    return of(System.getProperties(), System.getenv());
  }

  /** The regular files among the values, which may be lists separated by comma or by the path separator. */
  static List<Path> of(Properties properties, Map<String, String> environment) {
    var found = new TreeSet<String>();
    properties.stringPropertyNames().forEach(name -> addFiles(properties.getProperty(name), found));
    environment.values().forEach(value -> addFiles(value, found));
    return found.stream().map(file -> new Path("file", null, file)).toList();
  }

  private static void addFiles(String value, Collection<String> found) {
    addFile(value, found);
    for (String part : value.split(",")) {
      addFile(part.strip(), found);
    }
    for (String part : value.split(File.pathSeparator)) {
      addFile(part.strip(), found);
    }
  }

  private static void addFile(String name, Collection<String> found) {
    // Spark's lists of files may give each a name behind #.
    File file = new File(name.replaceFirst("^(file|local):(//)?(?=/)", "").replaceFirst("#.*$", ""));
    if (file.isFile()) {
      found.add(file.getAbsolutePath());
    }
  }
}
