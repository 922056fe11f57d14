package io.sparkformer.data.tokenizer;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The fields of a Protocol Buffers message, one after another, as they lie in its bytes (protobuf.dev, "Encoding"). */
final class ProtobufFields {

  private static final int VARINT = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int COUNTED = 2;
  private static final int FOUR_BYTES = 5;
  private static final int WIRE_TYPE_BITS = 3;
  private static final int LONGEST_VARINT = 10;

  private final ByteBuffer bytes;
  private int number;
  private int wireType;
  private long integer;
  private ByteBuffer counted;

  ProtobufFields(ByteBuffer bytes) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Goes to the next field; false where there is none.
   *
   * @throws IllegalArgumentException if the bytes are no message
   */
  boolean next() {
    if (!bytes.hasRemaining()) {
      return false;
    }
    try {
      long tag = varint();
      number = (int) (tag >>> WIRE_TYPE_BITS);
      wireType = (int) tag & (1 << WIRE_TYPE_BITS) - 1;
      switch (wireType) {
        case VARINT -> integer = varint();
        case EIGHT_BYTES -> integer = bytes.getLong();
        case FOUR_BYTES -> integer = bytes.getInt();
        case COUNTED -> counted = take(varint());
        default -> throw damaged();
      }
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("it ends within a field", e);
    }
    return true;
  }

  private ByteBuffer take(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw damaged();
    }
    ByteBuffer part = bytes.slice(bytes.position(), (int) length);
    bytes.position(bytes.position() + (int) length);
    return part;
  }

  private long varint() {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT; i++) {
      byte each = bytes.get();
      value |= (long) (each & 0x7F) << 7 * i;
      if (each >= 0) {
        return value;
      }
    }
    throw damaged();
  }

  /** Of the field. */
  int number() {
    return number;
  }

  /** The value of a field of whole numbers. */
  long integer() {
    require(VARINT);
    return integer;
  }

  /** The value of a field of float32. */
  float decimal() {
    require(FOUR_BYTES);
    return Float.intBitsToFloat((int) integer);
  }

  /** The value of a field of text or bytes. */
  byte[] bytes() {
    require(COUNTED);
    byte[] copy = new byte[counted.remaining()];
    counted.duplicate().get(copy);
    return copy;
  }

  /** The value of a field that is a message itself. */
  ProtobufFields message() {
    require(COUNTED);
    return new ProtobufFields(counted);
  }

  private void require(int expected) {
    if (wireType != expected) {
      throw damaged();
    }
  }

  private static IllegalArgumentException damaged() {
    return new IllegalArgumentException("it is damaged, or no such file");
  }
}
