package io.sparkformer.model.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loads vectors from buffers and stores them there, in the machine's byte order. The Vector API does so from byte buffers up to Java 18
 * and from memory segments since: this class finds what there is. The handles are constants, so that the JIT compiler makes the same
 * machine code of them as of direct calls.
 */
public final class VectorMemory {
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final MethodHandle LOAD_FLOATS = load(FloatVector.class);
  private static final MethodHandle LOAD_INTS = load(IntVector.class);
  private static final MethodHandle LOAD_SHORTS = load(ShortVector.class);
  private static final MethodHandle LOAD_BYTES = load(ByteVector.class);
  private static final MethodHandle STORE_FLOATS = store(FloatVector.class);
  private static final MethodHandle STORE_SHORTS = store(ShortVector.class);
  private static final MethodHandle STORE_BYTES = store(ByteVector.class);

  private VectorMemory() {}

  /** @throws LinkageError when this Java's Vector API loads and stores in neither way */
  public static void require() {
    // Its mere call initializes the handles.
  }

  /**
   * @param at of the first element, in bytes from the buffer's beginning; its position must be 0
   */
  public static FloatVector floats(VectorSpecies<Float> species, ByteBuffer bytes, int at) {
    try {
      return (FloatVector) LOAD_FLOATS.invokeExact(species, bytes, at, ORDER);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** As {@link #floats}. */
  public static IntVector ints(VectorSpecies<Integer> species, ByteBuffer bytes, int at) {
    try {
      return (IntVector) LOAD_INTS.invokeExact(species, bytes, at, ORDER);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** As {@link #floats}. */
  public static ShortVector shorts(VectorSpecies<Short> species, ByteBuffer bytes, int at) {
    try {
      return (ShortVector) LOAD_SHORTS.invokeExact(species, bytes, at, ORDER);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** As {@link #floats}. */
  public static ByteVector bytes(VectorSpecies<Byte> species, ByteBuffer bytes, int at) {
    try {
      return (ByteVector) LOAD_BYTES.invokeExact(species, bytes, at, ORDER);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Stores all lanes; {@code at} as for {@link #floats}. */
  public static void store(FloatVector value, ByteBuffer bytes, int at) {
    try {
      STORE_FLOATS.invokeExact(value, bytes, at, ORDER);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Stores all lanes; {@code at} as for {@link #floats}. */
  public static void store(ShortVector value, ByteBuffer bytes, int at) {
    try {
      STORE_SHORTS.invokeExact(value, bytes, at, ORDER);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Stores all lanes; {@code at} as for {@link #floats}. */
  public static void store(ByteVector value, ByteBuffer bytes, int at) {
    try {
      STORE_BYTES.invokeExact(value, bytes, at, ORDER);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** What the Vector API throws is unchecked; only a method handle's signature says otherwise. */
  private static RuntimeException unchecked(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
  }

  private static MethodHandle load(Class<?> vector) {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    try {
      return lookup.findStatic(vector, "fromByteBuffer",
          MethodType.methodType(vector, VectorSpecies.class, ByteBuffer.class, int.class, ByteOrder.class));
    } catch (ReflectiveOperationException absent) {
      try {
        Class<?> segment = segment();
        return onBuffers(lookup.findStatic(vector, "fromMemorySegment",
            MethodType.methodType(vector, VectorSpecies.class, segment, long.class, ByteOrder.class)), segment);
      } catch (ReflectiveOperationException e) {
        throw unknown(e);
      }
    }
  }

  private static MethodHandle store(Class<?> vector) {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    try {
      return lookup.findVirtual(vector, "intoByteBuffer",
          MethodType.methodType(void.class, ByteBuffer.class, int.class, ByteOrder.class))
          .asType(MethodType.methodType(void.class, vector, ByteBuffer.class, int.class, ByteOrder.class));
    } catch (ReflectiveOperationException absent) {
      try {
        Class<?> segment = segment();
        return onBuffers(lookup.findVirtual(vector, "intoMemorySegment",
            MethodType.methodType(void.class, segment, long.class, ByteOrder.class)), segment)
            .asType(MethodType.methodType(void.class, vector, ByteBuffer.class, int.class, ByteOrder.class));
      } catch (ReflectiveOperationException e) {
        throw unknown(e);
      }
    }
  }

  /** Part of Java since 22; code for Java 17 cannot name it. */
  private static Class<?> segment() throws ClassNotFoundException {
    return Class.forName("java.lang.foreign.MemorySegment");
  }

  /** Takes a buffer where {@code access} takes the memory segment of it. */
  private static MethodHandle onBuffers(MethodHandle access, Class<?> segment) throws ReflectiveOperationException {
    MethodHandle ofBuffer = MethodHandles.lookup().findStatic(segment, "ofBuffer", MethodType.methodType(segment, Buffer.class))
        .asType(MethodType.methodType(segment, ByteBuffer.class));
    MethodHandle wide = MethodHandles.explicitCastArguments(MethodHandles.identity(long.class),
        MethodType.methodType(long.class, int.class));
    return MethodHandles.filterArguments(access, 1, ofBuffer, wide);
  }

  private static LinkageError unknown(ReflectiveOperationException e) {
    return new NoSuchMethodError("the Vector API of Java " + Runtime.version().feature() + " loads and stores in a way that is not known "
        + "here (" + e.getMessage() + ")");
  }
}
