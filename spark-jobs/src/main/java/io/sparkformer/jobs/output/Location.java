package io.sparkformer.jobs.output;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The place that a path means, whatever its spelling: symbolic links are followed, and so are Hadoop's views of other file systems.
 * What does not exist yet lies below the nearest folder that does.
 *
 * @param fileSystem names the file system
 * @param path absolute, with the file system's scheme
 */
record Location(String fileSystem, Path path) {
  private static final String LOCAL = "file";

  static Location of(Configuration hadoop, Path path) throws IOException {
    FileSystem named = path.getFileSystem(hadoop);
    // Through its text: a path made of a URI may keep a slash at its end.
    Path resolved = resolve(named, named.makeQualified(new Path(path.toString())));
    FileSystem files = resolved.getFileSystem(hadoop);
    if (isLocal(files)) {
      return new Location(LOCAL, new Path(LOCAL, "", resolve(local(resolved).toAbsolutePath()).toString()));
    }
    String service = Optional.ofNullable(files.getCanonicalServiceName()).orElse(files.getUri().toString());
    return new Location(service, resolved);
  }

  private static Path resolve(FileSystem files, Path path) throws IOException {
    Deque<String> missing = new ArrayDeque<>();
    Path existing = path;
    while (existing.getParent() != null) {
      try {
        Path resolved = files.resolvePath(existing);
        for (String name : missing) {
          resolved = new Path(resolved, name);
        }
        return resolved;
      } catch (FileNotFoundException e) {
        missing.push(existing.getName());
        existing = existing.getParent();
      }
    }
    return path;
  }

  private static java.nio.file.Path resolve(java.nio.file.Path path) throws IOException {
    try {
      return path.toRealPath();
    } catch (FileSystemException e) {
      // Not there, or not to be looked at: whoever uses the path will be told.
      return path.getParent() == null ? path : resolve(path.getParent()).resolve(path.getFileName());
    }
  }

  private static boolean isLocal(FileSystem files) {
    return LOCAL.equals(files.getUri().getScheme());
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  /** Whether this is the other place, or lies anywhere below it. */
  boolean isWithin(Location other) {
    List<String> inner = names();
    List<String> outer = other.names();
    return fileSystem.equals(other.fileSystem) && inner.size() >= outer.size() && inner.subList(0, outer.size()).equals(outer);
  }

  private List<String> names() {
    return List.of(path.toUri().getPath().split("/+"));
  }

  /** Whether something has this name, a symbolic link to nothing included. */
  boolean exists(Configuration hadoop) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    return isLocal(files) ? Files.exists(local(path), LinkOption.NOFOLLOW_LINKS) : files.exists(path);
  }

  /** Whether it is a file with content of its own: no folder, device, pipe or symbolic link. */
  boolean isRegularFile(Configuration hadoop) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    return isLocal(files) ? Files.isRegularFile(local(path), LinkOption.NOFOLLOW_LINKS) : files.getFileStatus(path).isFile();
  }

  /** Whether it is a folder. */
  boolean isFolder(Configuration hadoop) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    return isLocal(files) ? Files.isDirectory(local(path), LinkOption.NOFOLLOW_LINKS) : files.getFileStatus(path).isDirectory();
  }
}
