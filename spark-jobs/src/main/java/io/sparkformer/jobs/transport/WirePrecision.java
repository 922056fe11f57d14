package io.sparkformer.jobs.transport;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.model.kernel.cpu.rows.Bfloat16Rows;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The format in which gradients and parameters are sent between workers; in memory they are float32. */
public enum WirePrecision {
  /** The values themselves. */
  FLOAT32(Float.BYTES),
  /** Gradients, and changes of parameters, rounded to the nearest bfloat16, ties to even. */
  BFLOAT16(Bfloat16Rows.BYTES);

  private final int bytes;

  WirePrecision(int bytes) {
    this.bytes = bytes;
  }

  /** @throws IllegalArgumentException when the text names none */
  public static WirePrecision parse(String text) {
    return Stream.of(values()).filter(each -> each.toString().equals(text)).findFirst().orElseThrow(() -> new IllegalArgumentException(
        "Invalid wire precision: " + text + " (must be float32 or bfloat16)"));
  }

  /** Of one element. */
  public int bytes() {
    return bytes;
  }

  /** @throws InvalidInputException when this Java cannot convert to it */
  void requireSupport() {
    if (this == BFLOAT16 && ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      throw new InvalidInputException("parameter-server.wire-precision = bfloat16 needs Java's Vector API, which is not there; start Java"
          + " with --add-modules=jdk.incubator.vector, as Spark's launchers do, or set it to float32");
    }
  }

  /** Rounds float32 values in place to what the receiver will have. */
  void round(FloatRegion values) {
    if (this == BFLOAT16) {
      for (ByteBuffer part : values.buffers()) {
        Bfloat16Rows.roundInFloats(part, 0, part, 0, part.capacity() / Float.BYTES);
      }
    }
  }

  /** Converts the values in place to the format in which they are sent; the rest of their memory is undefined afterwards. */
  List<ByteBuffer> pack(FloatRegion values) {
    List<ByteBuffer> parts = values.buffers();
    if (this == FLOAT32) {
      return parts;
    }
    List<ByteBuffer> packed = new ArrayList<>();
    for (ByteBuffer part : parts) {
      int count = part.capacity() / Float.BYTES;
      Bfloat16Rows.round(part, 0, part, 0, count);
      packed.add(part.slice(0, count * bytes));
    }
    return packed;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
