package io.sparkformer.model.kernel.cuda.product;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_BIAS;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_DEFAULT;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F_FAST_TF32;
import static org.bytedeco.cuda.global.cublas.cublasLtCreate;

import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import io.sparkformer.model.kernel.cuda.driver.Status;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cublas.cublasLtContext;

/**
 * Products by cuBLASLt with sums in float32. How a shape is multiplied is decided once, so that the same shapes give the same bits in
 * all of
 * a run. A product of bfloat16 matrices is exact in its factors; float32 ones are multiplied in float32 or, if asked for, in TF32 (10 bits
 * of a fraction).
 */
public final class Products {
  /** What cuBLASLt may use beside its operands: what NVIDIA recommends for Hopper. */
  private static final long WORKSPACE_BYTES = 32L << 20;
  private static final long ALIGNMENT_BYTES = 256;

  private final Queue queue;
  private final cublasLtContext library = new cublasLtContext();
  private final long workspace;
  private final int float32;
  private final Map<Shape, Plan> plans = new HashMap<>();

  /** How float32 matrices are multiplied. */
  public enum Float32 {
    EXACT, TF32
  }

  /** How a matrix is read. */
  public enum Read {
    AS_IT_IS, TRANSPOSED
  }

  /** What becomes of the values that the result's matrix has. */
  public enum Sum {
    /** They are overwritten. */
    NEW,
    /** The product is added to them. */
    ADDED
  }

  /**
   * All that the choice of an algorithm depends on; matrices as cuBLASLt sees them, column-major, and so in exchanged order.
   *
   * @param m rows of the result
   * @param alignment bytes by which the addresses of all three matrices can be divided
   */
  record Shape(DeviceMatrix.Type type, long m, long n, long k, Read readA, Read readB, long strideA, long strideB, long strideC, Sum sum,
      boolean biased, long alignment) {}

  public Products(Queue queue, DeviceHeap heap, Float32 float32) {
    this.queue = queue;
    this.workspace = heap.take(WORKSPACE_BYTES);
    this.float32 = float32 == Float32.TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
    queue.stream();
    Status.checkProduct(cublasLtCreate(library), () -> "cublasLtCreate on " + queue.device());
  }

  /** {@code out = a b} or {@code out += a b}, without a bias. */
  public void multiply(DeviceMatrix a, Read readA, DeviceMatrix b, Read readB, DeviceMatrix out, Sum sum) {
    multiply(a, readA, b, readB, out, sum, 0);
  }

  /**
   * {@code out = a b + bias}, each row the same bias.
   *
   * @param a {@code [m, k]}, or {@code [k, m]} if it is read transposed
   * @param b {@code [k, n]}, or {@code [n, k]}, of the same type
   * @param out {@code [m, n]}, float32
   * @param bias address of {@code [n]} float32; 0 for none
   */
  public void multiply(DeviceMatrix a, Read readA, DeviceMatrix b, Read readB, DeviceMatrix out, Sum sum, long bias) {
    long k = readA == Read.AS_IT_IS ? a.columns() : a.rows();
    if (k != (readB == Read.AS_IT_IS ? b.rows() : b.columns()) || out.rows() != (readA == Read.AS_IT_IS ? a.rows() : a.columns())
        || out.columns() != (readB == Read.AS_IT_IS ? b.columns() : b.rows()) || a.type() != b.type()) {
      throw new IllegalArgumentException("Matrices do not fit: %s %s times %s %s gives %s".formatted(a, readA, b, readB, out));
    }
    if (out.rows() == 0 || k == 0) {
      if (k == 0 && sum == Sum.NEW) {
        throw new IllegalArgumentException("A product of nothing: " + out);
      }
      return;
    }
    // Row-major a b is column-major b a of the transposed matrices, which lie in memory alike.
    Shape shape = new Shape(a.type(), out.columns(), out.rows(), k, readB, readA, b.stride(), a.stride(), out.stride(), sum, bias != 0,
        alignment(a.address() | b.address() | out.address()));
    plans.computeIfAbsent(shape, this::plan).run(queue, b.address(), a.address(), out.address(), bias, workspace, WORKSPACE_BYTES);
  }

  private Plan plan(Shape shape) {
    return new Plan(library, shape, shape.type() == DeviceMatrix.Type.FLOAT32 ? float32 : CUBLAS_COMPUTE_32F,
        shape.biased() ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT, WORKSPACE_BYTES, queue.device());
  }

  private static long alignment(long addresses) {
    return Math.min(ALIGNMENT_BYTES, Long.lowestOneBit(addresses | ALIGNMENT_BYTES));
  }
}
