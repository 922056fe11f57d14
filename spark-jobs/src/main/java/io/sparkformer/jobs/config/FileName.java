package io.sparkformer.jobs.config;

import java.io.File;
import java.nio.charset.Charset;
import org.apache.hadoop.fs.Path;

/** How the text of a setting names a file or folder: literally, on any Hadoop file system; {@code -} is standard input or output. */
final class FileName {

  /** What Java puts where it cannot decode a character of the command line. */
  private static final char UNDECODED = '\uFFFD';

  private FileName() {
  }

  /**
   * The path of something to read.
   *
   * @throws InvalidSettingException it is no path, or this process's locale has no such characters
   */
  static Path path(String key, String text) {
    requireSpellable(key, text);
    if (text.startsWith("/dev/") || hasColonFirst(text) && new File(text).exists()) {
      // This machine's, whatever the default file system is; and a colon in a name begins no scheme.
      return new Path("file", null, new File(text).getAbsolutePath());
    }
    try {
      return new Path(text);
    } catch (IllegalArgumentException notAPath) {
      throw InvalidSettingException.value(key, "'" + text + "'",
          "must be a path, for example /folder, file:/folder or hdfs://host/folder" + (hasColonFirst(text) ? ", and exist where its "
              + "name has a colon" : ""));
    }
  }

  /** The path of something to write. */
  static Path output(String key, String text) {
    Path path = path(key, text);
    Limits.require(path.getName().indexOf(':') < 0, key, "'" + text + "'", "its name must have no colon: Hadoop cannot write such files");
    return path;
  }

  /** Java passes names to the operating system in the encoding of the locale. */
  private static void requireSpellable(String key, String text) {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    boolean isLocal = !hasColonFirst(text) || text.startsWith("file:");
    boolean spellable = text.indexOf(UNDECODED) < 0 && (!isLocal || Charset.forName(encoding).newEncoder().canEncode(text));
    Limits.require(spellable, key, "'" + text + "'", "the locale's encoding, " + encoding + ", lacks characters of this name; set "
        + "LC_ALL=C.UTF-8, or another locale in which the name can be written");
  }

  private static boolean hasColonFirst(String text) {
    int colon = text.indexOf(':');
    return colon >= 0 && text.lastIndexOf('/', colon) < 0;
  }
}
