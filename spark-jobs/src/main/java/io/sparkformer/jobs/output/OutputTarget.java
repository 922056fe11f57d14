package io.sparkformer.jobs.output;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What a job is to make.
 *
 * @param path on any Hadoop file system
 * @param existing what happens when it is there already
 * @param inputs everything that the job was given to read: files, folders or patterns of them
 */
public record OutputTarget(Path path, OutputKind kind, Existing existing, List<Path> inputs) {
  /** Copies the list. */
  public OutputTarget {
    inputs = List.copyOf(inputs);
  }

  /**
   * Checks that the output may be made; whether it can be is checked by {@link StagedOutput}.
   *
   * @throws InvalidInputException it exists and must not be replaced
   */
  public void check(Configuration hadoop) throws IOException {
    Location place = Location.of(hadoop, path);
    if (!place.exists(hadoop)) {
      return;
    }
    for (Path named : inputs) {
      for (Path input : matching(hadoop, named)) {
        checkNotRead(place, Location.of(hadoop, input), input);
      }
    }
    if (existing == Existing.REFUSE) {
      throw new InvalidInputException("output exists already: " + path + "; name another, or overwrite it with --overwrite");
    }
    Optional<Location> whole = OutputKind.wholeAround(hadoop, place);
    if (whole.isPresent()) {
      throw new InvalidInputException("output " + path + " is not overwritten: it is part of " + whole.get().path() + ", which would not "
          + "be whole without it; name another output");
    }
    String foreign = kind.foreign(hadoop, place).orElse("");
    if (!foreign.isEmpty()) {
      throw new InvalidInputException("output " + path + " is not overwritten: " + foreign + ", and --overwrite replaces only "
          + kind.description() + "; name another output");
    }
  }

  private void checkNotRead(Location place, Location input, Path name) {
    if (input.isWithin(place)) {
      throw new InvalidInputException("output " + path + " is not overwritten: it " + (place.isWithin(input) ? "is" : "holds") + " "
          + name + ", which this job reads; name another output");
    }
    if (place.isWithin(input)) {
      throw new InvalidInputException("output " + path + " is not overwritten: it is part of " + name + ", which this job reads; name "
          + "another output");
    }
  }

  /** The path as it is where it exists, otherwise what matches it as a pattern. */
  private static List<Path> matching(Configuration hadoop, Path named) throws IOException {
    FileSystem files = named.getFileSystem(hadoop);
    if (files.exists(named)) {
      return List.of(named);
    }
    List<Path> found = new ArrayList<>();
    FileStatus[] matches = globStatus(files, named);
    for (FileStatus match : matches) {
      found.add(match.getPath());
    }
    return found;
  }

  private static FileStatus[] globStatus(FileSystem files, Path named) {
    try {
      FileStatus[] matches = files.globStatus(named);
      return matches == null ? new FileStatus[0] : matches;
    } catch (IOException e) {
      // No pattern either: there is nothing to protect, and reading it will say so.
      return new FileStatus[0];
    }
  }
}
