package io.sparkformer.jobs.output;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Local files under {@code closed:}, which are there when they are closed, and not before, as on object stores. */
public final class ClosedFiles extends RawLocalFileSystem {
  private static final URI NAME = URI.create("closed:///");

  /** Makes the scheme known. */
  public static void register(Configuration hadoop) {
    hadoop.set("fs.closed.impl", ClosedFiles.class.getName());
  }

  /** The path of a local file or folder. */
  public static Path path(java.nio.file.Path local) {
    return new Path("closed", "", local.toString());
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public String getScheme() {
    return NAME.getScheme();
  }

  @Override
  public FSDataOutputStream create(Path file, FsPermission permission, boolean overwrite, int bufferSize, short replication,
      long blockSize, Progressable progress) throws IOException {
    return shownWhenClosed(file, super.create(hidden(file), permission, true, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream create(Path file, boolean overwrite, int bufferSize, short replication, long blockSize,
      Progressable progress) throws IOException {
    return shownWhenClosed(file, super.create(hidden(file), true, bufferSize, replication, blockSize, progress));
  }

  private static Path hidden(Path file) {
    return new Path(file.getParent(), ".hidden-" + file.getName().replace("tfevents", "events"));
  }

  private FSDataOutputStream shownWhenClosed(Path file, FSDataOutputStream out) throws IOException {
    return new FSDataOutputStream(out, null) {
      @Override
      public void close() throws IOException {
        super.close();
        if (!rename(hidden(file), file)) {
          throw new IOException("Cannot show " + file);
        }
      }

      @Override
      public boolean hasCapability(String capability) {
        return false;
      }

      @Override
      public void hflush() {
        throw new UnsupportedOperationException("hflush");
      }
    };
  }
}
