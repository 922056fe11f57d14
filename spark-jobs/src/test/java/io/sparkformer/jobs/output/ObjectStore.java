package io.sparkformer.jobs.output;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * Local files under {@code store:}, whose folders are renamed as object stores do it: file by file, in the order of their names. A test
 * may have any operation fail.
 */
public final class ObjectStore extends RawLocalFileSystem {
  private static final URI NAME = URI.create("store:///");
  private static final AtomicReference<Fault> FAULT = new AtomicReference<>();

  /** Throws what an operation shall fail with. */
  @FunctionalInterface
  public interface Fault {
    /** @param operation {@code open}, {@code create} or {@code move}, which is part of renaming */
    void before(String operation, Path file) throws IOException;
  }

  /** Makes the scheme known. */
  public static void register(Configuration hadoop) {
    hadoop.set("fs.store.impl", ObjectStore.class.getName());
  }

  /** The path of a local file or folder. */
  public static Path path(java.nio.file.Path local) {
    return new Path("store", "", local.toString());
  }

  /** From now on, of all instances; null: nothing fails. */
  public static void failWith(Fault fault) {
    FAULT.set(fault);
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
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    before("open", file);
    return super.open(file, bufferSize);
  }

  @Override
  public FSDataOutputStream create(Path file, FsPermission permission, boolean overwrite, int bufferSize, short replication,
      long blockSize, Progressable progress) throws IOException {
    before("create", file);
    return super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public FSDataOutputStream create(Path file, boolean overwrite, int bufferSize, short replication, long blockSize,
      Progressable progress) throws IOException {
    before("create", file);
    return super.create(file, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    if (getFileStatus(from).isFile()) {
      before("move", from);
      return super.rename(from, to);
    }
    mkdirs(to);
    FileStatus[] entries = listStatus(from);
    Arrays.sort(entries);
    for (FileStatus entry : entries) {
      rename(entry.getPath(), new Path(to, entry.getPath().getName()));
    }
    return delete(from, true);
  }

  private static void before(String operation, Path file) throws IOException {
    Fault fault = FAULT.get();
    if (fault != null) {
      fault.before(operation, file);
    }
  }
}
