package io.sparkformer.model.kernel.cuda.driver;

import static org.bytedeco.cuda.global.cublas.cublasLtGetStatusName;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;

import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** What CUDA's functions return, as an exception where it is not success. */
public final class Status {
  private Status() {}

  /** @param call what was tried, for the message */
  static void check(int status, Supplier<String> call) {
    if (status != 0) {
      throw new CudaException("%s failed: %s%s".formatted(call.get(), error(status),
          status == CUDA_ERROR_OUT_OF_MEMORY ? "; the device's memory is full" : ""));
    }
  }

  static void check(int status, String call) {
    check(status, () -> call);
  }

  /** Of the compiler. */
  static void checkCompiler(int status, Supplier<String> call) {
    if (status != 0) {
      throw new CudaException("%s failed: %s".formatted(call.get(), nvrtcGetErrorString(status).getString()));
    }
  }

  /** Of cuBLASLt. */
  public static void checkProduct(int status, Supplier<String> call) {
    if (status != 0) {
      throw new CudaException("%s failed: %s".formatted(call.get(), cublasLtGetStatusName(status).getString()));
    }
  }

  private static String error(int status) {
    try (PointerPointer<BytePointer> name = new PointerPointer<>(1); PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
      if (cuGetErrorName(status, name) != 0 || cuGetErrorString(status, text) != 0) {
        return "error " + status;
      }
      return "%s (%s)".formatted(name.get(BytePointer.class).getString(), text.get(BytePointer.class).getString());
    }
  }
}
