package io.sparkformer.jobs.output;

import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/** Folders for outputs: created before any work is done, so that a job that cannot write ends at once. */
public final class OutputFolder {
  private OutputFolder() { }

  /**
   * Creates a folder where there is none, and tries to write into it.
   *
   * @throws InvalidInputException when the file system refuses
   * @throws IOException when it fails otherwise, and may work later
   */
  public static void requireWritable(Configuration hadoop, Path folder) throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    create(files, folder, folder);
    Path probe = new Path(folder, ".writable-" + UUID.randomUUID());
    try {
      files.create(probe, false).close();
      files.delete(probe, false);
    } catch (FileNotFoundException | AccessControlException e) {
      throw refused(folder, firstLine(e), e);
    }
  }

  /** Creates a folder and those above it; {@code output} is what messages call it. */
  static void create(FileSystem files, Path folder, Path output) throws IOException {
    try {
      if (!files.mkdirs(folder)) {
        throw refused(output, nearest(files, folder) + " cannot be written to", null);
      }
    } catch (ParentNotDirectoryException | FileAlreadyExistsException e) {
      throw refused(output, nearest(files, folder) + " is no folder", e);
    } catch (FileNotFoundException | AccessControlException e) {
      throw refused(output, firstLine(e), e);
    }
  }

  private static InvalidInputException refused(Path output, String reason, IOException cause) {
    return new InvalidInputException("output " + output + " cannot be created: " + reason + "; name another place, or let this user "
        + "write there", cause);
  }

  /** The nearest folder or file that exists, on this file system. */
  private static String nearest(FileSystem files, Path folder) throws IOException {
    Path existing = folder;
    while (existing.getParent() != null && !files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing.toUri().getPath();
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
