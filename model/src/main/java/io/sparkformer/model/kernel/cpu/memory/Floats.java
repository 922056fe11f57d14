package io.sparkformer.model.kernel.cpu.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A run of float32 values in native memory, seen two ways: as an address for oneDNN and as a byte buffer for the Vector API.
 * Places in it are ints that count floats, since a byte buffer ends at 2 GB.
 */
public final class Floats {
  private static final int ALIGNMENT_BYTES = 64;
  private static final int MAX_LENGTH = Integer.MAX_VALUE / Float.BYTES;

  private final Object owner;
  private final FloatPointer pointer;
  private final ByteBuffer bytes;
  private final int length;

  private Floats(Object owner, long address, int length) {
    this.owner = owner;
    this.length = length;
    this.pointer = new FloatPointer(new Address(address)).capacity(Math.max(1, length));
    this.bytes = pointer.asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /** The memory of an array itself, not a copy. */
  public static Floats of(INDArray array) {
    if (array.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException("The CPU kernels compute on float32 arrays, found %s; use the portable kernels"
          .formatted(array.dataType()));
    }
    if (array.length() > 1 && (array.ordering() != 'c' || array.elementWiseStride() != 1)) {
      throw new IllegalArgumentException("The CPU kernels need contiguous arrays in C order, found %s"
          .formatted(array.shapeInfoToString()));
    }
    return new Floats(array, array.data().pointer().address() + array.offset() * Float.BYTES, checkedLength(array.length()));
  }

  /** New memory, aligned to cache lines, not cleared. */
  public static Floats allocate(long length) {
    FloatPointer memory = new FloatPointer(checkedLength(length) + (long) ALIGNMENT_BYTES / Float.BYTES);
    long aligned = (memory.address() + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    return new Floats(memory, aligned, (int) length);
  }

  /** The {@code length} floats from {@code from} on, in the same memory; places in it count from there. */
  Floats slice(long from, long length) {
    if (from < 0 || length < 0 || from + length > this.length) {
      throw new IndexOutOfBoundsException("Floats [%d, %d) of %d".formatted(from, from + length, this.length));
    }
    return new Floats(this, address() + from * Float.BYTES, (int) length);
  }

  /** Gives allocated memory back before the garbage collector would. */
  public void free() {
    if (owner instanceof FloatPointer memory) {
      memory.deallocate();
    }
  }

  /** How many floats there are. */
  public int length() {
    return length;
  }

  /** In the order of bytes of the processor; byte {@code 4 * place} begins a float. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** Of the first float. */
  public long address() {
    return pointer.address();
  }

  /** As an array of ND4J, which shares the memory. */
  INDArray array(long... shape) {
    return Nd4j.create(Nd4j.createBuffer(pointer, length, DataType.FLOAT), shape);
  }

  /** To the float at a place. */
  public FloatPointer pointer(int place) {
    return new FloatPointer(pointer).position(place);
  }

  private static int checkedLength(long length) {
    if (length > MAX_LENGTH) {
      throw new IllegalArgumentException("An array of %d floats is larger than 2 GB; lower the token budget of a micro-batch"
          .formatted(length));
    }
    return (int) length;
  }
}
