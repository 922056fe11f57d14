package io.sparkformer.model.checkpoint;

import io.sparkformer.model.memory.FloatRegion;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** Writes safetensors files; see the package for the format. */
public final class SafetensorsWriter {
  /** Floats that are copied out of native memory at a time: 1 MiB. */
  static final int CHUNK_LENGTH = 1 << 18;

  private SafetensorsWriter() { }

  /**
   * Writes tensors one after another in the given order.
   *
   * @param out gets the file's bytes; not closed
   * @param metadata strings that go into the header
   */
  public static void write(OutputStream out, List<NamedTensor> tensors, Map<String, String> metadata) throws IOException {
    byte[] header = SafetensorsHeader.of(tensors, metadata).render();
    out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    out.write(header);
    float[] chunk = new float[CHUNK_LENGTH];
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK_LENGTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (NamedTensor tensor : tensors) {
      FloatRegion values = tensor.values();
      for (long from = 0; from < values.length(); from += CHUNK_LENGTH) {
        int count = (int) Math.min(CHUNK_LENGTH, values.length() - from);
        values.read(from, chunk, count);
        bytes.asFloatBuffer().put(chunk, 0, count);
        out.write(bytes.array(), 0, count * Float.BYTES);
      }
    }
  }
}
