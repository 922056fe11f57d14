package io.sparkformer.data.shard;

import java.io.IOException;
import java.security.MessageDigest;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * An output file that computes the checksum of the bytes as they are written, so that nothing needs to be read back.
 */
final class DigestOutputFile implements OutputFile {

  private final OutputFile file;
  private final MessageDigest digest = Sha256.newDigest();
  private long bytes;

  DigestOutputFile(OutputFile file) {
    this.file = file;
  }

  /** Bytes written so far. */
  long bytes() {
    return bytes;
  }

  /** The checksum; call it once, after the file is closed. */
  String sha256() {
    return Sha256.hex(digest);
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) throws IOException {
    return new DigestStream(file.create(blockSizeHint));
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    return new DigestStream(file.createOrOverwrite(blockSizeHint));
  }

  @Override
  public boolean supportsBlockSize() {
    return file.supportsBlockSize();
  }

  @Override
  public long defaultBlockSize() {
    return file.defaultBlockSize();
  }

  @Override
  public String getPath() {
    return file.getPath();
  }

  private final class DigestStream extends PositionOutputStream {

    private final PositionOutputStream out;

    DigestStream(PositionOutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() throws IOException {
      return out.getPos();
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      digest.update((byte) value);
      bytes++;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      out.write(buffer, offset, length);
      digest.update(buffer, offset, length);
      bytes += length;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
