package io.sparkformer.model.kernel.cpu.product;

import static org.bytedeco.dnnl.global.dnnl.dnnl_gemm_s8s8s32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.sparkformer.model.kernel.cpu.memory.Address;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Matrix products of 8-bit integers by oneDNN, with sums of 32 bits, on the calling thread alone. Sums are exact as long as no more than
 * {@link #LONGEST_INNER} terms are added up, in whatever order; so an element depends on nothing but its row and its column.
 */
final class Int8Products {
  /** {@code 127^2} times so many still fits into 32 bits. */
  static final int LONGEST_INNER = 1 << 17;

  private static final byte PLAIN = 'N';
  private static final byte TRANSPOSED = 'T';
  private static final byte ONE_OFFSET = 'F';
  private static final IntPointer NO_OFFSET = new IntPointer(1).put(0);

  private Int8Products() {}

  /** A matrix of integers: where it begins, and the integers between the beginnings of neighbouring rows. */
  record Bytes(long address, int stride) {}

  /** {@code sums = a b^T}: {@code a [m, k]}, {@code b [n, k]}, {@code sums [m, n]}, whose memory receives integers. */
  static void productWithTransposed(Bytes a, Bytes b, int inner, Matrix sums) {
    multiply(PLAIN, TRANSPOSED, a, b, inner, sums);
  }

  /** {@code sums = a b}: {@code a [m, k]}, {@code b [k, n]}, {@code sums [m, n]}, whose memory receives integers. */
  static void product(Bytes a, Bytes b, int inner, Matrix sums) {
    multiply(PLAIN, PLAIN, a, b, inner, sums);
  }

  /** {@code sums = a^T b}: {@code a [k, m]}, {@code b [k, n]}, {@code sums [m, n]}, whose memory receives integers. */
  static void productOfTransposed(Bytes a, Bytes b, int inner, Matrix sums) {
    multiply(TRANSPOSED, PLAIN, a, b, inner, sums);
  }

  private static void multiply(byte first, byte second, Bytes a, Bytes b, int inner, Matrix sums) {
    if (sums.rows() == 0 || sums.columns() == 0) {
      return;
    }
    if (inner > LONGEST_INNER) {
      throw new IllegalArgumentException("A product of 8-bit integers over %d terms would leave 32 bits (at most %d)"
          .formatted(inner, LONGEST_INNER));
    }
    int status = dnnl_gemm_s8s8s32(first, second, ONE_OFFSET, sums.rows(), sums.columns(), inner, 1,
        new BytePointer(new Address(a.address())), a.stride(), (byte) 0, new BytePointer(new Address(b.address())), b.stride(), (byte) 0, 0,
        new IntPointer(sums.memory().pointer(sums.offset())), sums.stride(), NO_OFFSET);
    if (status != dnnl_success) {
      throw new IllegalStateException("oneDNN refused a product of 8-bit integers with status %d: rows=%d, columns=%d, inner=%d"
          .formatted(status, sums.rows(), sums.columns(), inner));
    }
  }
}
