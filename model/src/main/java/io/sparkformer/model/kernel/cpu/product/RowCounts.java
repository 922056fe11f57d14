package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.bytedeco.dnnl.memory;

/**
 * The numbers of rows that products of a type may have so that a row's result does not depend on the others, to the last bit. oneDNN
 * chooses its kernels by the number of rows; whether few rows are added up in the same order as many is tried once in a process, on the
 * processor that it runs on.
 */
final class RowCounts {
  /** In rising order, up to the number that every batch is cut into. */
  private static final int[] FEW = {2, 4, 8, 16, 24};
  private static final int MANY = RowBlocks.UNIT;
  private static final int INNER = 2048;
  private static final int COLUMNS = 64;

  /** Of a number. */
  private static final Map<memory.data_type, Integer> BYTES = Map.of(memory.data_type.f32, Float.BYTES, memory.data_type.bf16, Short.BYTES,
      memory.data_type.s8, Byte.BYTES);
  private static final Map<memory.data_type, RowCounts> HERE = new EnumMap<>(memory.data_type.class);

  /** Those of {@link #FEW} that agree with many rows. */
  private final int[] counts;

  private RowCounts(int[] counts) {
    this.counts = counts;
  }

  /** On this processor. */
  static RowCounts of(Primitives primitives) {
    synchronized (HERE) {
      return HERE.computeIfAbsent(primitives.numbers(), numbers -> tried(primitives));
    }
  }

  /** The smallest number that is not below {@code rows}, of at most {@link RowBlocks#UNIT} rows. */
  int atLeast(int rows) {
    for (int count : counts) {
      if (count >= rows) {
        return count;
      }
    }
    return MANY;
  }

  private static RowCounts tried(Primitives primitives) {
    int bytes = BYTES.get(primitives.numbers());
    Floats x = random((long) MANY * INNER * bytes / Float.BYTES, bytes);
    Floats weights = random(primitives.packedBytes(INNER, COLUMNS) / Float.BYTES, bytes);
    int[] expected = product(primitives, MANY, x, weights);
    int[] counts = Arrays.stream(FEW).filter(rows -> {
      int[] found = product(primitives, rows, x, weights);
      return Arrays.equals(found, 0, found.length, expected, 0, found.length);
    }).toArray();
    x.free();
    weights.free();
    return new RowCounts(counts);
  }

  private static int[] product(Primitives primitives, int rows, Floats x, Floats weights) {
    Floats out = Floats.allocate((long) rows * COLUMNS);
    primitives.multiply(new Primitives.Product(rows, COLUMNS, INNER, INNER, COLUMNS, Primitives.Sum.NEW), x.address(), weights.address(),
        out.address());
    int[] bits = new int[rows * COLUMNS];
    out.bytes().asIntBuffer().get(bits);
    out.free();
    return bits;
  }

  /** Numbers between -1 and 1; of integers any bits. */
  private static Floats random(long floats, int bytes) {
    Floats memory = Floats.allocate(floats);
    Random random = new Random(1);
    for (int i = 0; i < floats; i++) {
      int bits = switch (bytes) {
        case Float.BYTES -> Float.floatToRawIntBits(2 * random.nextFloat() - 1);
        case Short.BYTES -> Float.floatToRawIntBits(2 * random.nextFloat() - 1) & 0xFFFF0000
            | Float.floatToRawIntBits(2 * random.nextFloat() - 1) >>> 16;
        default -> random.nextInt();
      };
      memory.bytes().putInt(i * Float.BYTES, bits);
    }
    return memory;
  }
}
