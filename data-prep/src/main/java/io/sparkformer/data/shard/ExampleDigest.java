package io.sparkformer.data.shard;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.security.MessageDigest;

/**
 * A checksum of examples in their order, whatever file they stand in: SHA-256 over, for each column of each example, the number of its ids
 * and the ids, as big-endian 32-bit integers.
 */
final class ExampleDigest {

  private final MessageDigest digest = Sha256.newDigest();
  private ByteBuffer bytes = ByteBuffer.allocate(1 << 10);

  void add(Example example) {
    for (int[] ids : example.ids()) {
      add(ids);
    }
  }

  /** 64 hexadecimal digits; call it once. */
  String sha256() {
    return Sha256.hex(digest);
  }

  private void add(int[] ids) {
    int length = (1 + ids.length) * Integer.BYTES;
    if (bytes.capacity() < length) {
      bytes = ByteBuffer.allocate(2 * length);
    }
    IntBuffer integers = bytes.clear().asIntBuffer();
    integers.put(ids.length).put(ids);
    digest.update(bytes.limit(length));
  }
}
