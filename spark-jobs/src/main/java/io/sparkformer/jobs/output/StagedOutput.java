package io.sparkformer.jobs.output;

import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An output under construction, in a hidden folder beside its place, {@code .NAME.RANDOM}. {@link #commit} gives it its name, and only
 * then removes what had the name before; without it, nothing is left.
 */
public final class StagedOutput implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StagedOutput.class);

  private final Configuration hadoop;
  private final OutputTarget target;
  private final FileSystem files;
  private final Path output;
  private final Path old;
  private final Path work;
  private boolean kept;

  /**
   * Creates the hidden folder.
   *
   * @throws io.sparkformer.data.InvalidInputException the output exists and must not be replaced, or cannot be created
   */
  public StagedOutput(Configuration hadoop, OutputTarget target) throws IOException {
    target.check(hadoop);
    this.hadoop = hadoop;
    this.target = target;
    this.output = Location.of(hadoop, target.path()).path();
    this.files = output.getFileSystem(hadoop);
    String hidden = "." + output.getName() + "." + UUID.randomUUID();
    this.work = new Path(output.getParent(), hidden);
    this.old = new Path(output.getParent(), hidden + ".old");
    OutputFolder.create(files, work, target.path());
    files.deleteOnExit(work);
  }

  /** Where to make the output: nothing is there yet. */
  public Path path() {
    return new Path(work, "whole");
  }

  /** A folder for what is needed on the way. */
  public Path scratch() {
    return new Path(work, "scratch");
  }

  /**
   * Gives the output its name. When that fails, what was made is kept.
   *
   * @throws io.sparkformer.data.InvalidInputException something has appeared meanwhile that must not be replaced
   */
  public void commit() throws IOException {
    // From here on there is something to lose, even if the process ends.
    files.cancelDeleteOnExit(work);
    kept = true;
    try {
      target.check(hadoop);
      replace();
    } catch (IOException | RuntimeException e) {
      LOG.warn("the output of this job is kept in {}", path());
      throw e;
    }
    if (files.exists(old) && !files.delete(old, true)) {
      LOG.warn("the replaced output cannot be deleted: {}", old);
    }
    files.delete(work, true);
  }

  private void replace() throws IOException {
    StrictRename rename = new StrictRename(files);
    Optional<String> seal = target.kind().seal();
    Path aside = new Path(work, "seal");
    boolean sealed = seal.isPresent() && files.exists(new Path(path(), seal.get()));
    if (sealed) {
      rename(new Path(path(), seal.get()), aside);
    }
    if (Location.of(hadoop, target.path()).exists(hadoop)) {
      rename.run(output, old);
    }
    try {
      rename.run(path(), output);
    } catch (IOException e) {
      putBack(rename);
      throw e;
    }
    if (files instanceof ChecksumFileSystem checked) {
      // That of what was replaced.
      checked.getRawFileSystem().delete(checked.getChecksumFile(output), false);
    }
    if (sealed) {
      rename(aside, new Path(output, seal.get()));
    }
  }

  /** What was there before gets its place again, unless something is there: a part of the new output, or another process's. */
  private void putBack(StrictRename rename) throws IOException {
    if (files.exists(old) && files.exists(output)) {
      LOG.warn("what was {} before is kept in {}", target.path(), old);
    } else if (files.exists(old)) {
      rename.run(old, output);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!files.rename(from, to)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
  }

  /** Removes all that was made, unless it was committed. */
  @Override
  public void close() throws IOException {
    if (!kept) {
      files.delete(work, true);
      files.cancelDeleteOnExit(work);
    }
  }

  /** Renames, but never onto or into something that is there; Hadoop has this for heirs of its class alone. */
  private static final class StrictRename extends FilterFileSystem {
    StrictRename(FileSystem files) {
      super(files);
    }

    @SuppressWarnings("deprecation")
    void run(Path from, Path to) throws IOException {
      rename(from, to, Options.Rename.NONE);
    }
  }
}
