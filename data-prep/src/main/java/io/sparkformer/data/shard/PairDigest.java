package io.sparkformer.data.shard;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.security.MessageDigest;

/**
 * A checksum of pairs in their order, whatever file they stand in: SHA-256 over, for each side of each pair, the number of its ids and
 * the ids, as big-endian 32-bit integers.
 */
final class PairDigest {

  private final MessageDigest digest = Sha256.newDigest();
  private ByteBuffer bytes = ByteBuffer.allocate(1 << 10);

  void add(SentencePair pair) {
    add(pair.source());
    add(pair.target());
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
