package io.sparkformer.model.kernel;

import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.memory.VectorMemory;
import java.util.Locale;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides which kernels a graph uses, and logs the choice and its reason. */
public final class KernelSelection {
  private static final Logger LOG = LoggerFactory.getLogger(KernelSelection.class);

  private KernelSelection() {}

  /**
   * Makes the kernels of one graph.
   *
   * @param threads how many threads the graph may use, the caller's included
   * @throws IllegalStateException if {@code choice} or {@code precision} asks for what this machine does not have
   */
  public static Kernels select(KernelChoice choice, Precision precision, int threads) {
    Kernels kernels = choice == KernelChoice.PORTABLE ? portable(precision) : fastest(choice, precision, threads);
    LOG.info("Kernels: {} (kernels = {}, precision = {})", kernels.description(), name(choice), name(precision));
    return kernels;
  }

  private static Kernels fastest(KernelChoice choice, Precision precision, int threads) {
    String missing = missing();
    if (missing == null) {
      try {
        return cpu(precision, threads);
      } catch (LinkageError e) {
        missing = reason(e);
      }
    }
    if (choice == KernelChoice.CPU) {
      throw new IllegalStateException("kernels = cpu cannot run here: %s. Use kernels = auto or portable".formatted(missing));
    }
    LOG.warn("The fast CPU kernels cannot run here: {}. Falling back to the portable kernels, which are several times slower", missing);
    return portable(precision);
  }

  /** A method of its own: its class loads what may be missing. */
  private static Kernels cpu(Precision precision, int threads) {
    VectorMemory.require();
    Kernels kernels = new CpuKernels(threads, precision);
    if (precision == Precision.AUTO && CpuKernels.fastestPrecision() == Precision.FLOAT32) {
      LOG.info("precision = auto is float32 here: the processor, or oneDNN's limit ONEDNN_MAX_CPU_ISA, lacks AMX{}",
          CpuKernels.runsInt8() ? "; precision = int8 runs here, is faster and rounds more: it is there to be tried" : "");
    }
    if (precision == Precision.BFLOAT16 && CpuKernels.fastestPrecision() == Precision.FLOAT32) {
      LOG.warn("precision = bfloat16 is no faster than float32 here: the processor, or oneDNN's limit ONEDNN_MAX_CPU_ISA, lacks AMX");
    }
    return kernels;
  }

  private static Kernels portable(Precision precision) {
    if (precision == Precision.BFLOAT16 || precision == Precision.INT8) {
      throw new IllegalStateException("precision = %s needs the fast CPU kernels; use precision = auto or float32"
          .formatted(name(precision)));
    }
    return new Nd4jKernels();
  }

  /** What stands against the CPU kernels, found without loading them; null for nothing. */
  private static String missing() {
    if (Nd4j.getExecutioner().type() != ExecutionerType.NATIVE_CPU) {
      return "ND4J's arrays are not in host memory (its backend is %s)".formatted(Nd4j.getBackend().getClass().getSimpleName());
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return "the Vector API is not there; start Java with --add-modules=jdk.incubator.vector, as Spark's launchers do";
    }
    return null;
  }

  private static String reason(LinkageError error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof NoSuchMethodError ? cause.getMessage() : "oneDNN's native library cannot be loaded (%s)".formatted(cause);
  }

  private static String name(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
