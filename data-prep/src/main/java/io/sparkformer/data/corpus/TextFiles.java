package io.sparkformer.data.corpus;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.file.PlainFiles;
import io.sparkformer.data.file.SpooledInput;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The files that a name stands for: the file of exactly this name, all files below the folder of this name, or else what the name matches
 * as a pattern ({@code * ? [ ] { }}). In folders, files and folders whose names begin with {@code _} or {@code .} are passed over. The
 * order is that of the paths, so that a document's number does not depend on how a file system lists a folder.
 */
final class TextFiles {

  /** About how many times as long text is as its compressed file. */
  private static final int COMPRESSION = 4;

  /**
   * One file.
   *
   * @param path as tasks open it; for spooled input, the name of the copy
   * @param bytes its length
   * @param spooled see {@link SpooledInput}
   * @param splittable whether a task can begin to read within it
   */
  record InputFile(String path, long bytes, boolean spooled, boolean splittable) implements Serializable {

    Path open() {
      return spooled ? SpooledInput.file(path) : new Path(path);
    }

    /** About how many bytes of text it holds. */
    long textBytes() {
      return splittable ? bytes : COMPRESSION * bytes;
    }
  }

  private TextFiles() {
  }

  /**
   * @throws InvalidInputException if there is no such file, or no file in the folder
   */
  static List<InputFile> find(JavaSparkContext spark, Path name) {
    try {
      Configuration plain = PlainFiles.configuration(spark.hadoopConfiguration());
      if (SpooledInput.isNeeded(plain, name)) {
        return List.of(new InputFile(SpooledInput.spool(spark, name), 0, true, true));
      }
      FileSystem files = name.getFileSystem(plain);
      CompressionCodecFactory codecs = new CompressionCodecFactory(plain);
      List<InputFile> found = new ArrayList<>();
      for (FileStatus status : files.exists(name) ? new FileStatus[] {files.getFileStatus(name)} : matching(files, name)) {
        below(files, status).forEach(file -> found.add(new InputFile(file.getPath().toString(), file.getLen(), false,
          codecs.getCodec(file.getPath()) == null)));
      }
      if (found.isEmpty()) {
        throw new InvalidInputException("No text: " + name + " holds no file; files whose names begin with _ or . are passed over");
      }
      found.sort(Comparator.comparing(InputFile::path));
      return found;
    } catch (IOException e) {
      throw new InvalidInputException("Cannot read " + name + ": " + e.getMessage(), e);
    }
  }

  private static FileStatus[] matching(FileSystem files, Path name) throws IOException {
    FileStatus[] matching = files.globStatus(name);
    if (matching == null || matching.length == 0) {
      throw new InvalidInputException("Missing text: no file or folder is called " + name + ", and none matches it as a pattern; check "
        + "the path");
    }
    return matching;
  }

  private static List<FileStatus> below(FileSystem files, FileStatus root) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    Deque<FileStatus> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      FileStatus next = open.pop();
      if (next.isFile()) {
        found.add(next);
        continue;
      }
      for (FileStatus child : files.listStatus(next.getPath())) {
        char first = child.getPath().getName().charAt(0);
        if (first != '_' && first != '.') {
          open.push(child);
        }
      }
    }
    return found;
  }
}
