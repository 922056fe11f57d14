package io.sparkformer.jobs.table;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/** Opens files of text, compressed as the end of their name says. */
final class TextFiles {

  private TextFiles() { }

  static InputStream read(Configuration hadoop, Path file) throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    InputStream in = file.getFileSystem(hadoop).open(file);
    return codec == null ? in : codec.createInputStream(in);
  }

  static Writer write(Configuration hadoop, Path file) throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    OutputStream out = file.getFileSystem(hadoop).create(file, true);
    return new BufferedWriter(new OutputStreamWriter(codec == null ? out : codec.createOutputStream(out), StandardCharsets.UTF_8));
  }

  /** {@code .gz} and the like; empty for a file that is not compressed. */
  static String compression(Configuration hadoop, Path file) {
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    return codec == null ? "" : codec.getDefaultExtension();
  }
}
