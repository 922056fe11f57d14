package io.sparkformer.data.shard;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The bytes in which readers exchange examples: for each column of each example the number of its ids, then the ids. Each number takes
 * 7 bits of a byte, the lowest first; the highest bit is set in every byte of a number but its last.
 */
final class ExampleBytes {

  private static final int LOW_BITS = 0x7f;
  private static final int MORE = 0x80;

  private final ExampleKind kind;
  private final ByteBuffer bytes;

  /** Reads what {@link #write} wrote. */
  ExampleBytes(ExampleKind kind, byte[] bytes) {
    this.kind = kind;
    this.bytes = ByteBuffer.wrap(bytes);
  }

  static void write(Example example, ByteArrayOutputStream out) {
    for (int[] ids : example.ids()) {
      write(ids, out);
    }
  }

  private static void write(int[] ids, ByteArrayOutputStream out) {
    write(ids.length, out);
    for (int id : ids) {
      write(id, out);
    }
  }

  private static void write(int number, ByteArrayOutputStream out) {
    int rest = number;
    while ((rest & ~LOW_BITS) != 0) {
      out.write(rest & LOW_BITS | MORE);
      rest >>>= 7;
    }
    out.write(rest);
  }

  /** @throws BufferUnderflowException after the last example */
  Example next() {
    int[][] ids = new int[kind.columns().size()][];
    for (int column = 0; column < ids.length; column++) {
      ids[column] = ids();
    }
    return kind.example(ids);
  }

  private int[] ids() {
    int[] ids = new int[number()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = number();
    }
    return ids;
  }

  private int number() {
    int number = 0;
    for (int shift = 0;; shift += 7) {
      byte part = bytes.get();
      number |= (part & LOW_BITS) << shift;
      if (part >= 0) {
        return number;
      }
    }
  }
}
