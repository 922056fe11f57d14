package io.sparkformer.jobs.output;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A file that never replaces one of before: {@code NAME.json}, and where that exists {@code NAME-2.json}, {@code NAME-3.json} ... */
public final class NumberedFile {
  private NumberedFile() { }

  /**
   * Creates the file.
   *
   * @param first the first of the names, with an extension
   */
  public static FSDataOutputStream create(FileSystem files, Path first) throws IOException {
    String name = first.getName();
    int dot = name.lastIndexOf('.');
    for (int number = 1; ; number++) {
      Path file = number == 1 ? first : new Path(first.getParent(), name.substring(0, dot) + "-" + number + name.substring(dot));
      if (!files.exists(file)) {
        try {
          return files.create(file, false);
        } catch (FileAlreadyExistsException e) {
          // Another process was faster: the next number.
          continue;
        }
      }
    }
  }
}
