package io.sparkformer.model.kernel;

import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cuda.CudaKernels;
import io.sparkformer.model.kernel.cuda.driver.CudaException;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.memory.VectorMemory;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;
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
   * @throws IllegalStateException if {@code choice} or {@code precision} asks for what this machine does not have
   */
  public static Kernels select(KernelChoice choice, Precision precision, Processors processors) {
    return select(choice, precision, processors, Loader.getPlatform());
  }

  /** On the host alone. */
  public static Kernels select(KernelChoice choice, Precision precision, int threads) {
    return select(choice, precision, Processors.ofHost(threads));
  }

  /** @param platform operating system and architecture of this machine, as JavaCPP names them: {@code linux-x86_64} */
  static Kernels select(KernelChoice choice, Precision precision, Processors processors, String platform) {
    Kernels kernels;
    if (usesDevice(choice, processors)) {
      kernels = cuda(choice, precision, processors.device().getAsInt());
    } else {
      kernels = choice == KernelChoice.PORTABLE ? portable(precision) : fastest(choice, precision, processors.threads(), platform);
    }
    LOG.info("Kernels: {} (kernels = {}, precision = {})", kernels.description(), name(choice), name(precision));
    return kernels;
  }

  private static boolean usesDevice(KernelChoice choice, Processors processors) {
    if (choice == KernelChoice.CUDA && processors.device().isEmpty()) {
      throw new IllegalStateException("kernels = cuda needs an NVIDIA device, and was given none. Use kernels = auto or cpu");
    }
    return choice.takesDevices() && processors.device().isPresent();
  }

  /** A method of its own: its classes load what may be missing. */
  private static Kernels cuda(KernelChoice choice, Precision precision, int device) {
    try {
      return CudaKernels.on(device, precision);
    } catch (CudaException e) {
      throw new IllegalStateException("kernels = %s cannot use device %d: %s. Or use kernels = cpu"
          .formatted(name(choice), device, e.getMessage()), e);
    }
  }

  /**
   * What {@code precision = auto} stands for: on a device bfloat16 if it has tensor cores for it; on the host bfloat16 where the CPU
   * kernels run, the processor has instructions for it and a product, measured once, is faster with them; else float32. Workers of one
   * run must agree on one.
   */
  public static Precision fastestPrecision(KernelChoice choice, Processors processors) {
    if (usesDevice(choice, processors)) {
      try {
        return CudaKernels.fastestPrecision(processors.device().getAsInt());
      } catch (CudaException e) {
        LOG.debug("No device to ask: {}", e.getMessage());
        return Precision.FLOAT32;
      }
    }
    if (choice == KernelChoice.PORTABLE || missing(Loader.getPlatform()) != null) {
      return Precision.FLOAT32;
    }
    try {
      VectorMemory.require();
      return CpuKernels.fastestPrecision();
    } catch (LinkageError e) {
      LOG.debug("No products to measure: {}", reason(e));
      return Precision.FLOAT32;
    }
  }

  private static Kernels fastest(KernelChoice choice, Precision precision, int threads, String platform) {
    String missing = missing(platform);
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

  private static IllegalStateException onlyOnDevices() {
    return new IllegalStateException("precision = tf32 is for NVIDIA devices; use precision = auto or float32");
  }

  /** A method of its own: its class loads what may be missing. */
  private static Kernels cpu(Precision precision, int threads) {
    if (precision == Precision.TF32) {
      throw onlyOnDevices();
    }
    VectorMemory.require();
    Kernels kernels = new CpuKernels(threads, precision);
    if (precision == Precision.AUTO) {
      LOG.info("precision = auto is {} here: {}{}", name(CpuKernels.fastestPrecision()), CpuKernels.reasonForPrecision(),
          CpuKernels.runsInt8() ? "; precision = int8 runs here, is faster and rounds more: it is there to be tried" : "");
    } else if (precision == Precision.BFLOAT16 && CpuKernels.fastestPrecision() != Precision.BFLOAT16) {
      LOG.warn("precision = bfloat16 is no faster than float32 here: {}", CpuKernels.reasonForPrecision());
    }
    return kernels;
  }

  private static Kernels portable(Precision precision) {
    if (precision == Precision.TF32) {
      throw onlyOnDevices();
    }
    if (precision == Precision.BFLOAT16 || precision == Precision.INT8) {
      throw new IllegalStateException("precision = %s needs the fast CPU kernels; use precision = float32"
          .formatted(name(precision)));
    }
    return new Nd4jKernels();
  }

  /** What stands against the CPU kernels, found without loading them; null for nothing. */
  private static String missing(String platform) {
    if (!platform.endsWith("-x86_64")) {
      return "they are for x86-64 processors, this platform is %s".formatted(platform);
    }
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
