package io.sparkformer.data.shard;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local file system under a name of its own, which counts the bytes that are read through a configuration. */
public final class CountedFiles extends RawLocalFileSystem {

  private static final String SCHEME = "counted";
  private static final String COUNTER = "counted.counter";
  private static final int MOST = 64;
  private static final AtomicLong[] COUNTERS = new AtomicLong[MOST];

  /** A configuration that counts from 0; the number is free for use by one at a time. */
  static Configuration counting(int number) {
    COUNTERS[number] = new AtomicLong();
    Configuration hadoop = new Configuration();
    hadoop.set("fs." + SCHEME + ".impl", CountedFiles.class.getName());
    hadoop.setBoolean("fs." + SCHEME + ".impl.disable.cache", true);
    hadoop.setInt(COUNTER, number);
    return hadoop;
  }

  static long bytes(int number) {
    return COUNTERS[number].get();
  }

  static Path path(java.nio.file.Path local) {
    return new Path(SCHEME + "://" + local.toAbsolutePath());
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    AtomicLong counter = COUNTERS[getConf().getInt(COUNTER, 0)];
    FSDataInputStream in = super.open(path, bufferSize);
    return new FSDataInputStream(new FSInputStream() {
      @Override
      public int read() throws IOException {
        int value = in.read();
        counter.addAndGet(value < 0 ? 0 : 1);
        return value;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = in.read(buffer, offset, length);
        counter.addAndGet(Math.max(0, count));
        return count;
      }

      @Override
      public void seek(long position) throws IOException {
        in.seek(position);
      }

      @Override
      public long getPos() throws IOException {
        return in.getPos();
      }

      @Override
      public boolean seekToNewSource(long position) {
        return false;
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    });
  }
}
