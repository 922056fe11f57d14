package io.sparkformer.data.file;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Hadoop's configuration for text that people edit: local files are read and written without the hidden checksum files ({@code
 * .NAME.crc}) that Hadoop otherwise puts beside them, since an edited text would no longer match its own. Names with a colon can be
 * read this way too, and files that end in {@code .zst}.
 */
public final class PlainFiles {

  private PlainFiles() {
  }

  /**
   * @param hadoop stays as it is
   * @return a copy for text files
   */
  public static Configuration configuration(Configuration hadoop) {
    Configuration plain = new Configuration(hadoop);
    plain.setClass("fs.file.impl", PlainLocalFiles.class, LocalFileSystem.class);
    // Otherwise Hadoop would give out the instance with checksums that it made for another configuration.
    plain.setBoolean("fs.file.impl.disable.cache", true);
    ZstdCodec.register(plain);
    return plain;
  }

  /** The local file system, which neither writes checksum files nor reads those that exist. Hadoop makes its instances. */
  public static final class PlainLocalFiles extends LocalFileSystem {

    public PlainLocalFiles() {
      setWriteChecksum(false);
    }

    @Override
    public FSDataInputStream open(Path file, int bufferBytes) throws IOException {
      return getRawFileSystem().open(file, bufferBytes);
    }

    /** As Hadoop's, but a colon in the name is part of the name. */
    @Override
    public Path getChecksumFile(Path file) {
      return new Path(file.getParent(), new Path(null, null, "." + file.getName() + ".crc"));
    }
  }
}
