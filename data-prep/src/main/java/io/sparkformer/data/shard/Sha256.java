package io.sparkformer.data.shard;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * SHA-256 checksums of files, in lower-case hexadecimal digits.
 */
public final class Sha256 {

  private static final int BUFFER_BYTES = 1 << 16;

  private Sha256() {
  }

  /**
   * @param file on any Hadoop file system
   * @return 64 hexadecimal digits
   * @throws IOException if the file cannot be read
   */
  public static String ofFile(Configuration hadoop, Path file) throws IOException {
    MessageDigest digest = newDigest();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    return hex(digest);
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256; this one has not", e);
    }
  }
}
