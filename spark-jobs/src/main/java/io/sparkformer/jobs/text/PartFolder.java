package io.sparkformer.jobs.text;

import io.sparkformer.data.file.PlainFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/**
 * A folder where tasks write pieces of a text, each attempt of a task a file of its own; the driver then joins the files of those that
 * succeeded.
 */
public record PartFolder(Path folder) implements Serializable {

  private static final int COPY_BYTES = 1 << 20;

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

  /**
   * Writes these files of the folder, one after another, as one file.
   *
   * @param whole where to write
   * @param name what the file will be called: its ending says whether it is compressed
   */
  public void concatenate(Configuration hadoop, List<String> names, Path whole, String name) throws IOException {
    Configuration plain = PlainFiles.configuration(hadoop);
    FileSystem files = whole.getFileSystem(plain);
    CompressionCodec codec = new CompressionCodecFactory(plain).getCodec(new Path(whole.getParent(), name));
    try (OutputStream file = files.create(whole, true); OutputStream out = codec == null ? file : codec.createOutputStream(file)) {
      byte[] buffer = new byte[COPY_BYTES];
      for (String part : names) {
        try (InputStream in = files.open(new Path(folder, part))) {
          for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            out.write(buffer, 0, read);
          }
        }
      }
    }
  }
}
