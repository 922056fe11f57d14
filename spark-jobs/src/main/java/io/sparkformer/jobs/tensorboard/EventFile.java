package io.sparkformer.jobs.tensorboard;

import io.sparkformer.jobs.output.GrowingFile;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The event files of one start of a run. TensorBoard reads the files of a folder in the order of their names, and never goes back: each
 * new file has a higher number than all that are there, the seconds since 1970 if possible.
 */
public final class EventFile implements Closeable {
  private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10,12})\\.sparkformer");

  private final FileSystem files;
  private final Path folder;
  private final long firstStep;
  private final GrowingFile out = new GrowingFile(this::next);
  private boolean started;

  /** @param firstStep of this start; values that earlier files have of it and of later steps are void */
  public EventFile(Configuration hadoop, Path folder, long firstStep) throws IOException {
    FileSystem fileSystem = folder.getFileSystem(hadoop);
    // Without Hadoop's checksum file beside it an event is on the local disk when it is flushed.
    this.files = fileSystem instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : fileSystem;
    this.folder = folder;
    this.firstStep = firstStep;
  }

  /** Appends an entry, unless it has no values. */
  public void write(EventRecord event) throws IOException {
    if (!event.isEmpty()) {
      out.write(event.toBytes(System.currentTimeMillis()));
    }
  }

  /** Shows all entries; when this returns, the death of this process cannot lose them. */
  public void show() throws IOException {
    out.show();
  }

  private FSDataOutputStream next() throws IOException {
    long now = System.currentTimeMillis();
    long number = Math.max(now / 1000, newest() + 1);
    FSDataOutputStream file = files.create(new Path(folder, String.format(Locale.ROOT, "events.out.tfevents.%010d.sparkformer", number)),
        false);
    file.write(EventRecord.fileVersion(now));
    if (!started) {
      file.write(EventRecord.start(now, firstStep));
      started = true;
    }
    return file;
  }

  /** The highest number of a file that is there; 0 without one. */
  private long newest() throws IOException {
    long newest = 0;
    try {
      for (FileStatus file : files.listStatus(folder)) {
        Matcher name = NAME.matcher(file.getPath().getName());
        newest = name.matches() ? Math.max(newest, Long.parseLong(name.group(1))) : newest;
      }
    } catch (FileNotFoundException e) {
      // No folder yet.
      return 0;
    }
    return newest;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
