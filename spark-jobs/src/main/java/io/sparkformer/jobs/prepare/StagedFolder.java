package io.sparkformer.jobs.prepare;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.ShardManifest;
import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder under construction beside its final place: filled under a temporary name, then renamed in one step, or removed.
 */
final class StagedFolder implements AutoCloseable {

  /** What happens to a prepared folder that is there already. */
  enum IfExists { FAIL, REPLACE }

  private final FileSystem files;
  private final Path output;
  private final Path staging;
  private final IfExists ifExists;
  private boolean committed;

  /**
   * Makes the temporary folder.
   *
   * @throws InvalidInputException if the output exists and must not, or is something else than a prepared folder
   */
  StagedFolder(Configuration hadoop, Path output, IfExists ifExists) throws IOException {
    this.files = output.getFileSystem(hadoop);
    this.output = files.makeQualified(output);
    this.ifExists = ifExists;
    checkOutput();
    this.staging = new Path(this.output.getParent(), this.output.getName() + ".tmp-" + UUID.randomUUID());
    if (!files.mkdirs(staging)) {
      throw new InvalidInputException("Cannot make the folder " + staging + "; is " + this.output.getParent() + " writable?");
    }
    files.deleteOnExit(staging);
  }

  /** Where to write. */
  Path path() {
    return staging;
  }

  /**
   * Gives the folder its final name; one that was there is removed only after that has worked.
   */
  void commit() throws IOException {
    checkOutput();
    Path replaced = new Path(output.getParent(), output.getName() + ".old-" + UUID.randomUUID());
    boolean replaces = files.exists(output);
    if (replaces) {
      rename(output, replaced);
    }
    try {
      rename(staging, output);
    } catch (IOException e) {
      if (replaces) {
        rename(replaced, output);
      }
      throw e;
    }
    committed = true;
    files.cancelDeleteOnExit(staging);
    if (replaces) {
      files.delete(replaced, true);
    }
  }

  /**
   * Removes everything unless it was committed.
   */
  @Override
  public void close() throws IOException {
    if (!committed) {
      files.delete(staging, true);
      files.cancelDeleteOnExit(staging);
    }
  }

  private void checkOutput() throws IOException {
    if (!files.exists(output)) {
      return;
    }
    if (ifExists == IfExists.FAIL) {
      throw new InvalidInputException("Output folder " + output + " exists; name another with --output, or replace it with "
        + "--overwrite");
    }
    boolean isEmptyFolder = files.getFileStatus(output).isDirectory() && files.listStatus(output).length == 0;
    if (!isEmptyFolder && !files.exists(new Path(output, ShardManifest.FILE_NAME))) {
      throw new InvalidInputException("Output " + output + " exists and is no prepared folder (it has no "
        + ShardManifest.FILE_NAME + "), so it is not overwritten; name another with --output");
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!files.rename(from, to)) {
      throw new IOException("Cannot rename " + from + " to " + to);
    }
  }
}
