package io.sparkformer.jobs.output;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * Records that others read while they are written. Where the file system shows what is flushed (local disks, HDFS), they are one file.
 * Where it shows a file only when it is closed (object stores), they are cut into several files, which together hold all records.
 */
public final class GrowingFile implements Closeable {
  /** How old records may be before they can be read, where that takes a file of its own. */
  static final Duration LONGEST_PART = Duration.ofMinutes(5);

  private final Opening opening;
  /** Null when no file is open. */
  private FSDataOutputStream out;
  private boolean showsFlushed;
  private long opened;

  /** Creates the next file, under a name that no file has, and writes what each file begins with. */
  @FunctionalInterface
  public interface Opening {
    FSDataOutputStream next() throws IOException;
  }

  public GrowingFile(Opening opening) {
    this.opening = opening;
  }

  /** Appends a record and shows it, at once or within {@link #LONGEST_PART}. */
  public void write(byte[] record) throws IOException {
    if (out == null) {
      out = opening.next();
      showsFlushed = out.hasCapability(StreamCapabilities.HFLUSH);
      opened = System.nanoTime();
    }
    out.write(record);
    if (showsFlushed) {
      out.hflush();
    } else if (System.nanoTime() - opened >= LONGEST_PART.toNanos()) {
      close();
    }
  }

  /** Shows all records; when this returns, the death of this process cannot lose them. */
  public void show() throws IOException {
    if (!showsFlushed) {
      close();
    }
  }

  @Override
  public void close() throws IOException {
    if (out != null) {
      FSDataOutputStream closing = out;
      out = null;
      closing.close();
    }
  }
}
