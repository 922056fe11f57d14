package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Checks that the parameters of all workers are equal, by their length and CRC-32C. */
final class ParameterChecksum {
  private ParameterChecksum() {}

  /** @throws IllegalStateException naming a rank that differs from rank 0; at every worker alike */
  static void requireSame(Transport transport, long step, FloatRegion parameters) {
    CRC32C crc = new CRC32C();
    parameters.buffers().forEach(crc::update);
    byte[] mine = ByteBuffer.allocate(2 * Long.BYTES).putLong(parameters.length()).putLong(crc.getValue()).array();
    List<byte[]> all = transport.exchange(step, "checksums of parameters", mine);
    for (int rank = 1; rank < all.size(); rank++) {
      if (!Arrays.equals(all.get(0), all.get(rank))) {
        throw new IllegalStateException("step " + step + ": rank " + rank + " holds other parameters than rank 0; all workers must"
            + " begin with the same seed, settings and checkpoint");
      }
    }
  }
}
