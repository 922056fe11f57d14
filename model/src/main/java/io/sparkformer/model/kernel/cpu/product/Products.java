package io.sparkformer.model.kernel.cpu.product;

import static org.bytedeco.dnnl.global.dnnl.DNNL_VERSION_MAJOR;
import static org.bytedeco.dnnl.global.dnnl.DNNL_VERSION_MINOR;
import static org.bytedeco.dnnl.global.dnnl.DNNL_VERSION_PATCH;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.sparkformer.model.kernel.cpu.memory.Buffer;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.nio.ByteBuffer;

/**
 * Matrix products by oneDNN, float32, on the calling thread alone.
 *
 * <p>oneDNN computes an element of a product with few rows in another order than with many; above {@link #FEWEST_ROWS} rows an element
 * depends on its row and column only. So fewer rows are padded, and a row's result is a function of that row, to the last bit.
 */
public final class Products {
  private static final int FEWEST_ROWS = 16;
  /**
   * Longest inner dimension of one call; longer ones are cut, and the parts added up. What a call packs of its second matrix then stays in
   * a core's cache: measured on 1 MB of it, a tenth to a third faster.
   */
  private static final int LONGEST_INNER = 512;
  /** The same for a product of a transposed matrix, whose rows are read across. */
  private static final int LONGEST_INNER_TRANSPOSED = 192;
  private static final byte PLAIN = 'N';
  private static final byte TRANSPOSED = 'T';

  private static final ThreadLocal<Buffer> PADDED_INPUT = ThreadLocal.withInitial(Buffer::new);
  private static final ThreadLocal<Buffer> PADDED_OUTPUT = ThreadLocal.withInitial(Buffer::new);

  private Products() {}

  /**
   * Makes one product and looks at it.
   *
   * @throws LinkageError if the native library cannot be loaded
   */
  public static void selfTest() {
    Team.useOneThread();
    Matrix two = new Buffer().matrix(1, 1);
    Lanes.put(2, two.bytes(), two.offset());
    Matrix four = new Buffer().matrix(1, 1);
    productWithTransposed(two, two, four);
    if (Lanes.at(four.bytes(), four.offset()) != 4) {
      throw new IllegalStateException("oneDNN computed 2 * 2 = %s: its library is damaged"
          .formatted(Lanes.at(four.bytes(), four.offset())));
    }
  }

  /** oneDNN's version and the instruction set it computes with. */
  public static String instructionSet() {
    return "oneDNN %d.%d.%d (%s)".formatted(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH,
        InstructionSet.name(dnnl_get_effective_cpu_isa()));
  }

  /** {@code out = a b^T}: {@code a [m, k]}, {@code b [n, k]}, {@code out [m, n]}. */
  static void productWithTransposed(Matrix a, Matrix b, Matrix out) {
    check(a.columns() == b.columns() && a.rows() == out.rows() && b.rows() == out.columns(), a, b, out);
    byRows(a, b, TRANSPOSED, out);
  }

  /** {@code out = a b}: {@code a [m, k]}, {@code b [k, n]}, {@code out [m, n]}. */
  static void product(Matrix a, Matrix b, Matrix out) {
    check(a.columns() == b.rows() && a.rows() == out.rows() && b.columns() == out.columns(), a, b, out);
    byRows(a, b, PLAIN, out);
  }

  /** {@code out += a^T b}: {@code a [k, m]}, {@code b [k, n]}, {@code out [m, n]}. A weight gradient. */
  static void addProductOfTransposed(Matrix a, Matrix b, Matrix out) {
    check(a.rows() == b.rows() && a.columns() == out.rows() && b.columns() == out.columns(), a, b, out);
    RowBlocks inner = RowBlocks.of(a.rows(), LONGEST_INNER_TRANSPOSED);
    for (int i = 0; i < inner.count(); i++) {
      int from = inner.start(i);
      int to = inner.end(i);
      multiply(TRANSPOSED, PLAIN, a.rows(from, to), b.rows(from, to), to - from, 1, out);
    }
  }

  private static void byRows(Matrix a, Matrix b, byte second, Matrix out) {
    if (a.rows() == 0) {
      return;
    }
    if (a.rows() >= FEWEST_ROWS) {
      byInner(a, b, second, out);
      return;
    }
    Matrix input = PADDED_INPUT.get().matrix(FEWEST_ROWS, a.columns());
    Matrix output = PADDED_OUTPUT.get().matrix(FEWEST_ROWS, out.columns());
    copyRows(a, input, a.rows());
    for (int i = a.rows(); i < FEWEST_ROWS; i++) {
      clearRow(input, i);
    }
    byInner(input, b, second, output);
    copyRows(output, out, out.rows());
  }

  private static void byInner(Matrix a, Matrix b, byte second, Matrix out) {
    RowBlocks inner = RowBlocks.of(a.columns(), LONGEST_INNER);
    for (int i = 0; i < inner.count(); i++) {
      int from = inner.start(i);
      int to = inner.end(i);
      multiply(PLAIN, second, a.columns(from, to), second == TRANSPOSED ? b.columns(from, to) : b.rows(from, to), to - from,
          i == 0 ? 0 : 1, out);
    }
  }

  private static void multiply(byte first, byte second, Matrix a, Matrix b, int inner, float beta, Matrix out) {
    int status = dnnl_sgemm(first, second, out.rows(), out.columns(), inner, 1,
        a.memory().pointer(a.offset()), a.stride(), b.memory().pointer(b.offset()), b.stride(), beta,
        out.memory().pointer(out.offset()), out.stride());
    if (status != dnnl_success) {
      throw new IllegalStateException("oneDNN refused a product with status %d: first=%s, second=%s, out=%s"
          .formatted(status, shape(a), shape(b), shape(out)));
    }
  }

  private static void copyRows(Matrix from, Matrix to, int rows) {
    for (int i = 0; i < rows; i++) {
      ByteBuffer source = from.bytes();
      to.bytes().put(to.place(i, 0) * Float.BYTES, source, from.place(i, 0) * Float.BYTES, from.columns() * Float.BYTES);
    }
  }

  private static void clearRow(Matrix matrix, int row) {
    for (int j = 0; j < matrix.columns(); j++) {
      matrix.bytes().putFloat(matrix.place(row, j) * Float.BYTES, 0);
    }
  }

  private static void check(boolean fits, Matrix a, Matrix b, Matrix out) {
    if (!fits) {
      throw new IllegalArgumentException("The shapes of a product do not fit: first=%s, second=%s, out=%s"
          .formatted(shape(a), shape(b), shape(out)));
    }
  }

  private static String shape(Matrix matrix) {
    return "[%d, %d]".formatted(matrix.rows(), matrix.columns());
  }
}
