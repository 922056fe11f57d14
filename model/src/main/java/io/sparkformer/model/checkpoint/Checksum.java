package io.sparkformer.model.checkpoint;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** CRC-32C (Castagnoli, RFC 3720) of files, as eight lower-case hexadecimal digits. */
final class Checksum {
  private static final int BUFFER_BYTES = 1 << 20;

  private Checksum() { }

  static String of(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return text(crc);
  }

  /** The checksum of all that is left of {@code in}. */
  static String of(InputStream in) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      crc.update(buffer, 0, count);
    }
    return text(crc);
  }

  private static String text(CRC32C crc) {
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** Passes bytes on, and knows size and checksum of what went through. */
  static final class Output extends FilterOutputStream {
    private final CRC32C crc = new CRC32C();
    private long bytes;

    Output(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      crc.update(value);
      bytes++;
    }

    @Override
    public void write(byte[] buffer, int from, int length) throws IOException {
      out.write(buffer, from, length);
      crc.update(buffer, from, length);
      bytes += length;
    }

    long bytes() {
      return bytes;
    }

    String checksum() {
      return text(crc);
    }
  }
}
