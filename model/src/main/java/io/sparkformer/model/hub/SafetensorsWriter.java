package io.sparkformer.model.hub;

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
  public static void write(OutputStream out, List<? extends TensorContent> tensors, Map<String, String> metadata) throws IOException {
    write(out, tensors, TensorType.F32, metadata);
  }

  /**
   * As {@link #write(OutputStream, List, Map)}, with elements of a type, rounded to nearest.
   *
   * @throws IllegalArgumentException when a value is too large for the type
   */
  public static void write(OutputStream out, List<? extends TensorContent> tensors, TensorType type, Map<String, String> metadata)
      throws IOException {
    byte[] header = SafetensorsHeader.of(tensors, type, metadata).render();
    out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    out.write(header);
    float[] chunk = new float[CHUNK_LENGTH];
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK_LENGTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (TensorContent tensor : tensors) {
      for (long from = 0; from < tensor.length(); from += CHUNK_LENGTH) {
        int count = (int) Math.min(CHUNK_LENGTH, tensor.length() - from);
        tensor.read(from, chunk, count);
        requireRange(tensor, chunk, count, type);
        type.encode(chunk, bytes, count);
        out.write(bytes.array(), 0, count * type.bytes());
      }
    }
  }

  /** Half precision ends at 65504; what is larger must not become infinite unseen. */
  private static void requireRange(TensorContent tensor, float[] chunk, int count, TensorType type) {
    for (int i = 0; type == TensorType.F16 && i < count; i++) {
      if (Float.isFinite(chunk[i]) && Math.abs(chunk[i]) >= 65520) {
        throw new IllegalArgumentException("tensor %s holds %s, which is beyond float16; write bfloat16 or float32"
            .formatted(tensor.name(), chunk[i]));
      }
    }
  }
}
