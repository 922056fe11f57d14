package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Address;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;

/**
 * oneDNN's primitives for one kind of numbers, of one thread, kept by shape: making one costs tens of microseconds, running it one. Those
 * not used for longest are given up when there are too many.
 */
final class Primitives {
  /** More than the shapes of a network times the numbers of rows in its batches. */
  static final int MOST = 2048;

  /** Rows of the product whose layout of weights all products with these weights use. */
  private static final int TYPICAL_ROWS = 192;

  private static final ThreadLocal<Primitives> FLOAT32 =
      ThreadLocal.withInitial(() -> new Primitives(memory.data_type.f32, memory.data_type.f32));
  private static final ThreadLocal<Primitives> BFLOAT16 =
      ThreadLocal.withInitial(() -> new Primitives(memory.data_type.bf16, memory.data_type.f32));
  private static final ThreadLocal<Primitives> INT8 =
      ThreadLocal.withInitial(() -> new Primitives(memory.data_type.s8, memory.data_type.s32));

  private final memory.data_type numbers;
  private final memory.data_type sums;
  private final stream stream = new stream(BoundPrimitive.CPU);
  private final Map<Object, BoundPrimitive> bound = new Bounded<>();
  private final Map<Layout, memory.desc> layouts = new Bounded<>();
  private final Address address = new Address(0);
  /** Null before the first product of few rows. */
  private RowCounts rowCounts;

  private Primitives(memory.data_type numbers, memory.data_type sums) {
    this.numbers = numbers;
    this.sums = sums;
  }

  /** Products of float32 numbers. */
  static Primitives float32() {
    return FLOAT32.get();
  }

  /** Products of bfloat16 numbers with float32 sums. */
  static Primitives bfloat16() {
    return BFLOAT16.get();
  }

  /** Products of 8-bit integers with sums of 32 bits, which are exact while they fit. */
  static Primitives int8() {
    return INT8.get();
  }

  /** What the numbers are. */
  memory.data_type numbers() {
    return numbers;
  }

  /** The numbers of rows that products may have. */
  RowCounts rowCounts() {
    if (rowCounts == null) {
      rowCounts = RowCounts.of(this);
    }
    return rowCounts;
  }

  /** How many are kept. */
  int size() {
    return bound.size();
  }

  /** What becomes of what the result's memory holds. */
  enum Sum {
    NEW,
    ADDED
  }

  /** How the source of a product lies. */
  enum Source {
    ROWS,
    /** Element {@code (i, k)} at {@code k * stride + i}. */
    TRANSPOSED
  }

  /** {@code result [rows, columns] = source [rows, inner] weights [inner, columns]}; the weights are packed. */
  record Product(int rows, int columns, int inner, Source source, int sourceStride, int resultStride, Sum sum) {
    Product(int rows, int columns, int inner, int sourceStride, int resultStride, Sum sum) {
      this(rows, columns, inner, Source.ROWS, sourceStride, resultStride, sum);
    }
  }

  /** The packed layout of weights {@code [inner, columns]}, element {@code (i, j)} at {@code i * innerStride + j * columnStride}. */
  record Packing(int inner, int columns, int innerStride, int columnStride) {}

  /** {@code result [columns, rows] = source [rows, columns]^T}. */
  record Transposition(int rows, int columns, int sourceStride) {}

  private record Layout(int inner, int columns) {}

  void multiply(Product product, long source, long weights, long result) {
    BoundPrimitive primitive = bound.get(product);
    if (primitive == null) {
      try (matmul.primitive_desc description = matmul(product, layout(product.inner(), product.columns()))) {
        primitive = BoundPrimitive.product(description);
      }
      bound.put(product, primitive);
    }
    primitive.run(stream, address, source, weights, result);
  }

  void reorder(Packing packing, long source, long result) {
    reorder(packing, source, result, () -> reordering(
        strided(packing.inner(), packing.columns(), packing.innerStride(), packing.columnStride(), numbers),
        layout(packing.inner(), packing.columns())));
  }

  void reorder(Transposition transposition, long source, long result) {
    int rows = transposition.rows();
    int columns = transposition.columns();
    reorder(transposition, source, result, () -> reordering(strided(columns, rows, 1, transposition.sourceStride(), numbers),
        strided(columns, rows, rows, 1, numbers)));
  }

  private void reorder(Object key, long source, long result, Supplier<reorder.primitive_desc> maker) {
    BoundPrimitive primitive = bound.get(key);
    if (primitive == null) {
      try (reorder.primitive_desc description = maker.get()) {
        primitive = BoundPrimitive.reordering(description);
      }
      bound.put(key, primitive);
    }
    primitive.run(stream, address, source, result);
  }

  /** Memory that packed weights {@code [inner, columns]} take. */
  long packedBytes(int inner, int columns) {
    return layout(inner, columns).get_size();
  }

  /** Whether packed weights are rows one after another, so that there is nothing to pack. */
  boolean isPlain(int inner, int columns) {
    try (memory.desc plain = strided(inner, columns, columns, 1, numbers)) {
      return layout(inner, columns).equals(plain);
    }
  }

  /** What oneDNN likes best for a typical number of rows. */
  private memory.desc layout(int inner, int columns) {
    return layouts.computeIfAbsent(new Layout(inner, columns), key -> {
      try (memory.desc any = new memory.desc(new long[] {inner, columns}, numbers, memory.format_tag.any);
          matmul.primitive_desc typical = matmul(new Product(TYPICAL_ROWS, columns, inner, inner, columns, Sum.NEW), any)) {
        return typical.weights_desc();
      }
    });
  }

  private matmul.primitive_desc matmul(Product product, memory.desc weights) {
    try (primitive_attr attributes = attributes(); post_ops after = new post_ops();
        memory.desc source = product.source() == Source.ROWS
            ? strided(product.rows(), product.inner(), product.sourceStride(), 1, numbers)
            : strided(product.rows(), product.inner(), 1, product.sourceStride(), numbers);
        memory.desc result = strided(product.rows(), product.columns(), product.resultStride(), 1, sums)) {
      if (product.sum() == Sum.ADDED) {
        after.append_sum(1, 0, memory.data_type.undef);
        attributes.set_post_ops(after);
      }
      return new matmul.primitive_desc(BoundPrimitive.CPU, source, weights, result, attributes, false);
    } catch (RuntimeException e) {
      throw new IllegalStateException("oneDNN has no product of %s numbers for %s (%s); use precision = float32"
          .formatted(numbers, product, e.getMessage()), e);
    }
  }

  private static reorder.primitive_desc reordering(memory.desc from, memory.desc to) {
    try (primitive_attr attributes = attributes()) {
      return new reorder.primitive_desc(BoundPrimitive.CPU, from, BoundPrimitive.CPU, to, attributes, false);
    }
  }

  /** A primitive may run on another thread than the one whose memory it would otherwise take. */
  private static primitive_attr attributes() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user);
    return attributes;
  }

  private static memory.desc strided(int rows, int columns, int rowStride, int columnStride, memory.data_type type) {
    return new memory.desc(new long[] {rows, columns}, type, new long[] {rowStride, columnStride});
  }

  /** Keeps what was used last. */
  private static final class Bounded<K, V extends AutoCloseable> extends LinkedHashMap<K, V> {
    Bounded() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      if (size() <= MOST) {
        return false;
      }
      try {
        eldest.getValue().close();
      } catch (Exception e) {
        throw new IllegalStateException("oneDNN cannot release " + eldest.getKey(), e);
      }
      return true;
    }
  }
}
