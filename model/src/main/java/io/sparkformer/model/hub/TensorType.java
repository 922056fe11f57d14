package io.sparkformer.model.hub;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The types of elements that safetensors files hold here. */
public enum TensorType {
  F32(4, "float32") {
    @Override
    void decode(ByteBuffer from, float[] to, int count) {
      from.asFloatBuffer().get(to, 0, count);
    }

    @Override
    void encode(float[] from, ByteBuffer to, int count) {
      to.asFloatBuffer().put(from, 0, count);
    }
  },
  /** IEEE 754 half precision. */
  F16(2, "float16") {
    @Override
    void decode(ByteBuffer from, float[] to, int count) {
      for (int i = 0; i < count; i++) {
        to[i] = HalfFloat.toFloat(from.getShort(2 * i));
      }
    }

    @Override
    void encode(float[] from, ByteBuffer to, int count) {
      for (int i = 0; i < count; i++) {
        to.putShort(2 * i, HalfFloat.ofFloat(from[i]));
      }
    }
  },
  /** The upper half of a float32. */
  BF16(2, "bfloat16") {
    @Override
    void decode(ByteBuffer from, float[] to, int count) {
      for (int i = 0; i < count; i++) {
        to[i] = Float.intBitsToFloat(from.getShort(2 * i) << 16);
      }
    }

    @Override
    void encode(float[] from, ByteBuffer to, int count) {
      for (int i = 0; i < count; i++) {
        int bits = Float.floatToRawIntBits(from[i]);
        // To nearest, ties to even; what is not a number stays so.
        int rounded = Float.isNaN(from[i]) ? bits | 0x400000 : bits + 0x7FFF + (bits >>> 16 & 1);
        to.putShort(2 * i, (short) (rounded >>> 16));
      }
    }
  };

  private final int bytes;
  private final String torchName;

  TensorType(int bytes, String torchName) {
    this.bytes = bytes;
    this.torchName = torchName;
  }

  /** The type that a {@code config.json} calls by this name. */
  public static TensorType ofTorchName(String name) {
    return Arrays.stream(values()).filter(type -> type.torchName.equals(name)).findFirst().orElseThrow(() ->
        new IllegalArgumentException("Invalid type of tensors: %s (must be float32, float16 or bfloat16)".formatted(name)));
  }

  /** PyTorch's name, as in {@code torch_dtype} of a {@code config.json}. */
  public String torchName() {
    return torchName;
  }

  /** Bytes of an element. */
  public int bytes() {
    return bytes;
  }

  /** Reads {@code count} elements from the beginning of a little-endian buffer. */
  abstract void decode(ByteBuffer from, float[] to, int count);

  /** Writes {@code count} elements to the beginning of a little-endian buffer, rounded to nearest. */
  abstract void encode(float[] from, ByteBuffer to, int count);
}
