package io.sparkformer.data.file;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionInputStream;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.apache.hadoop.io.compress.Compressor;
import org.apache.hadoop.io.compress.Decompressor;

/**
 * Zstandard ({@code .zst}) by zstd-jni, which Spark has on every machine. Hadoop's own codec for it needs Hadoop's native library,
 * which few installations have.
 */
public final class ZstdCodec implements CompressionCodec {

  private static final String CODECS = "io.compression.codecs";

  /** Makes this the codec of {@code .zst} files in a configuration. */
  public static void register(Configuration hadoop) {
    Set<String> codecs = new LinkedHashSet<>(hadoop.getTrimmedStringCollection(CODECS));
    codecs.remove(ZstdCodec.class.getName());
    // Of codecs with the same suffix, Hadoop takes the last.
    codecs.add(ZstdCodec.class.getName());
    hadoop.setStrings(CODECS, codecs.toArray(new String[0]));
  }

  @Override
  public String getDefaultExtension() {
    return ".zst";
  }

  @Override
  public CompressionInputStream createInputStream(InputStream in) throws IOException {
    return new Decompressed(new ZstdInputStream(in));
  }

  @Override
  public CompressionInputStream createInputStream(InputStream in, Decompressor decompressor) throws IOException {
    return createInputStream(in);
  }

  @Override
  public CompressionOutputStream createOutputStream(OutputStream out) throws IOException {
    return new Compressed(new ZstdOutputStream(out));
  }

  @Override
  public CompressionOutputStream createOutputStream(OutputStream out, Compressor compressor) throws IOException {
    return createOutputStream(out);
  }

  /** None: the streams do the work. */
  @Override
  public Class<? extends Compressor> getCompressorType() {
    return null;
  }

  @Override
  public Compressor createCompressor() {
    return null;
  }

  @Override
  public Class<? extends Decompressor> getDecompressorType() {
    return null;
  }

  @Override
  public Decompressor createDecompressor() {
    return null;
  }

  private static final class Decompressed extends CompressionInputStream {

    Decompressed(ZstdInputStream in) throws IOException {
      super(in);
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return in.read(bytes, offset, length);
    }

    @Override
    public void resetState() {
      throw new UnsupportedOperationException("a Zstandard stream is read once, from its beginning");
    }
  }

  private static final class Compressed extends CompressionOutputStream {

    private final ZstdOutputStream zstd;

    Compressed(ZstdOutputStream zstd) {
      super(zstd);
      this.zstd = zstd;
    }

    @Override
    public void write(int single) throws IOException {
      zstd.write(single);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      zstd.write(bytes, offset, length);
    }

    /** Nothing to do: closing the stream ends the frame. */
    @Override
    public void finish() {
    }

    @Override
    public void resetState() {
      throw new UnsupportedOperationException("a Zstandard stream is written once");
    }
  }
}
