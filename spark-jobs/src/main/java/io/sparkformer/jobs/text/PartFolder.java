package io.sparkformer.jobs.text;

import io.sparkformer.data.InvalidInputException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/**
 * A hidden folder beside an output, {@code .NAME.RANDOM}, where tasks write what becomes the output at the end: the output is there
 * whole or not at all. Every attempt of a task writes a file of its own, and only those of attempts that succeeded are used.
 *
 * @param folder the folder
 * @param output the file or folder to make
 */
public record PartFolder(Path folder, Path output) implements Serializable {

  private static final int COPY_BYTES = 1 << 20;

  /** What happens when the output is there already. */
  public enum Existing { REFUSE, REPLACE }

  /**
   * Makes the folder.
   *
   * @param output on any Hadoop file system
   * @throws InvalidInputException the output exists and may not be replaced
   */
  public static PartFolder create(Configuration hadoop, Path output, Existing existing) throws IOException {
    check(hadoop, output, existing);
    FileSystem files = output.getFileSystem(hadoop);
    Path qualified = files.makeQualified(output);
    PartFolder parts = new PartFolder(new Path(qualified.getParent(), "." + output.getName() + "." + UUID.randomUUID()), qualified);
    files.mkdirs(parts.folder);
    files.deleteOnExit(parts.folder);
    return parts;
  }

  /**
   * Checks that an output may be made.
   *
   * @throws InvalidInputException it exists and may not be replaced
   */
  public static void check(Configuration hadoop, Path output, Existing existing) throws IOException {
    if (existing == Existing.REFUSE && output.getFileSystem(hadoop).exists(output)) {
      throw new InvalidInputException("output exists already: " + output + "; name another, or overwrite it with --overwrite");
    }
  }

  /**
   * Writes lines as one file of the folder.
   *
   * @param name of the file; must be unique to this attempt
   */
  public void writePart(Configuration hadoop, String name, Iterator<String> lines) throws IOException {
    Path file = new Path(folder, name);
    try (BufferedWriter writer = new BufferedWriter(
        new OutputStreamWriter(file.getFileSystem(hadoop).create(file, true), StandardCharsets.UTF_8))) {
      while (lines.hasNext()) {
        writer.write(lines.next());
        writer.write('\n');
      }
    }
  }

  /** Makes the output of these files of the folder, one after another, compressed if its name says so; then removes the folder. */
  public void concatenate(Configuration hadoop, List<String> names) throws IOException {
    // An instance of its own: without the checksum file that Hadoop puts beside a local file.
    try (FileSystem files = FileSystem.newInstance(output.toUri(), hadoop)) {
      files.setWriteChecksum(false);
      Path whole = new Path(folder, "whole");
      CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(output);
      try (OutputStream plain = files.create(whole, true);
          OutputStream out = codec == null ? plain : codec.createOutputStream(plain)) {
        byte[] buffer = new byte[COPY_BYTES];
        for (String name : names) {
          try (InputStream in = files.open(new Path(folder, name))) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
              out.write(buffer, 0, read);
            }
          }
        }
      }
      moveToOutput(files, whole);
    }
  }

  /** Makes the output of one file or folder within the folder; then removes the folder. */
  public void move(Configuration hadoop, String name) throws IOException {
    moveToOutput(output.getFileSystem(hadoop), new Path(folder, name));
  }

  /** Removes the folder, if it is still there. */
  public void remove(Configuration hadoop) throws IOException {
    folder.getFileSystem(hadoop).delete(folder, true);
  }

  private void moveToOutput(FileSystem files, Path made) throws IOException {
    files.delete(output, true);
    if (!files.rename(made, output)) {
      throw new IOException("cannot rename " + made + " to " + output);
    }
    files.delete(folder, true);
  }
}
