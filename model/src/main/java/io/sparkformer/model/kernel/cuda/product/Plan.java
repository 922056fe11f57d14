package io.sparkformer.model.kernel.cuda.product;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_BIAS_POINTER;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_EPILOGUE;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSA;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSB;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmul;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoGetHeuristic;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutCreate;
import static org.bytedeco.cuda.global.cudart.CUDA_R_16BF;
import static org.bytedeco.cuda.global.cudart.CUDA_R_32F;

import io.sparkformer.model.kernel.cuda.driver.CudaException;
import io.sparkformer.model.kernel.cuda.driver.Device;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import io.sparkformer.model.kernel.cuda.driver.Status;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulAlgo_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulPreferenceOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** How matrices of one shape are multiplied, in cuBLASLt's terms: column-major {@code C = A B (+ C) (+ bias)}. Kept for good. */
final class Plan {
  private final cublasLtContext library;
  private final Products.Shape shape;
  private final Device device;
  private final cublasLtMatmulDescOpaque_t product;
  private final cublasLtMatrixLayoutOpaque_t a;
  private final cublasLtMatrixLayoutOpaque_t b;
  private final cublasLtMatrixLayoutOpaque_t c;
  private final cublasLtMatmulHeuristicResult_t choice = new cublasLtMatmulHeuristicResult_t();
  private final cublasLtMatmulAlgo_t algorithm;
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer kept;

  Plan(cublasLtContext library, Products.Shape shape, int compute, int epilogue, long workspaceBytes, Device device) {
    this.library = library;
    this.shape = shape;
    this.device = device;
    this.kept = new FloatPointer(shape.sum() == Products.Sum.ADDED ? 1f : 0f);
    PointerPointer<Pointer> made = new PointerPointer<>(1);
    check(cublasLtMatmulDescCreate(made, compute, CUDA_R_32F), "cublasLtMatmulDescCreate");
    product = new cublasLtMatmulDescOpaque_t(made.get());
    set(CUBLASLT_MATMUL_DESC_TRANSA, operation(shape.readA()));
    set(CUBLASLT_MATMUL_DESC_TRANSB, operation(shape.readB()));
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
    int type = shape.type() == DeviceMatrix.Type.BFLOAT16 ? CUDA_R_16BF : CUDA_R_32F;
    a = layout(made, type, shape.readA(), shape.m(), shape.k(), shape.strideA());
    b = layout(made, type, shape.readB(), shape.k(), shape.n(), shape.strideB());
    c = layout(made, CUDA_R_32F, Products.Read.AS_IT_IS, shape.m(), shape.n(), shape.strideC());
    choose(made, workspaceBytes);
    algorithm = choice.algo();
    made.close();
  }

  private static int operation(Products.Read read) {
    return read == Products.Read.TRANSPOSED ? CUBLAS_OP_T : CUBLAS_OP_N;
  }

  private cublasLtMatrixLayoutOpaque_t layout(PointerPointer<Pointer> made, int type, Products.Read read, long rows, long columns,
      long stride) {
    boolean transposed = read == Products.Read.TRANSPOSED;
    check(cublasLtMatrixLayoutCreate(made, type, transposed ? columns : rows, transposed ? rows : columns, stride),
        "cublasLtMatrixLayoutCreate");
    return new cublasLtMatrixLayoutOpaque_t(made.get());
  }

  private void choose(PointerPointer<Pointer> made, long workspaceBytes) {
    check(cublasLtMatmulPreferenceCreate(made), "cublasLtMatmulPreferenceCreate");
    cublasLtMatmulPreferenceOpaque_t preference = new cublasLtMatmulPreferenceOpaque_t(made.get());
    try (LongPointer bytes = new LongPointer(1).put(workspaceBytes); IntPointer alignment = new IntPointer(1).put((int) shape.alignment());
        IntPointer found = new IntPointer(1)) {
      check(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, bytes, Long.BYTES), "workspace");
      for (int matrix : new int[] {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
        check(cublasLtMatmulPreferenceSetAttribute(preference, matrix, alignment, Integer.BYTES), "alignment");
      }
      check(cublasLtMatmulAlgoGetHeuristic(library, product, a, b, c, c, preference, 1, choice, found), "cublasLtMatmulAlgoGetHeuristic");
      if (found.get() == 0) {
        throw new CudaException("cuBLASLt has no algorithm for %s on %s".formatted(shape, device));
      }
    } finally {
      cublasLtMatmulPreferenceDestroy(preference);
    }
  }

  private void set(int attribute, int value) {
    try (IntPointer pointer = new IntPointer(1).put(value)) {
      check(cublasLtMatmulDescSetAttribute(product, attribute, pointer, Integer.BYTES), "cublasLtMatmulDescSetAttribute");
    }
  }

  void run(Queue queue, long addressA, long addressB, long addressC, long bias, long workspace, long workspaceBytes) {
    if (shape.biased()) {
      try (LongPointer pointer = new LongPointer(1).put(bias)) {
        check(cublasLtMatmulDescSetAttribute(product, CUBLASLT_MATMUL_DESC_BIAS_POINTER, pointer, Long.BYTES), "bias");
      }
    }
    Pointer to = new OnDevice(addressC);
    check(cublasLtMatmul(library, product, one, new OnDevice(addressA), a, new OnDevice(addressB), b, kept, to, c, to, c, algorithm,
        new OnDevice(workspace), workspaceBytes, queue.stream()), "cublasLtMatmul");
  }

  private void check(int status, String call) {
    Status.checkProduct(status, () -> "%s of %s on %s".formatted(call, shape, device));
  }

  /** An address on the device. */
  private static final class OnDevice extends Pointer {
    OnDevice(long address) {
      this.address = address;
    }
  }
}
