package io.sparkformer.model.kernel.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkformer.model.kernel.cuda.array.DeviceStack;
import io.sparkformer.model.kernel.cuda.driver.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A CUDA of machines without a GPU, for tests: libraries with the names of NVIDIA's, made from the sources in the test resources by g++,
 * which run the same kernels on the processor. Loaded before the bindings, they are what the bindings find. Without g++ the tests that
 * need them are skipped.
 */
public final class StandIn {
  private static final Path SOURCES = Path.of("src/test/resources/io/sparkformer/model/kernel/cuda/standin").toAbsolutePath();
  private static final Path LIBRARIES = Path.of("target/cuda-standin").toAbsolutePath();
  /** Scores of a vocabulary at one time: so few that small tests have several slabs. */
  private static final long SLAB_FLOATS = 1500;
  private static final boolean COMPILER = hasCompiler();
  private static boolean loaded;

  /** In an order in which each finds those that it needs. */
  private static final List<String> NAMES = List.of("libcuda.so.1", "libcudart.so.13", "libnvrtc.so.13", "libcublasLt.so.13",
      "libcublas.so.13");

  private StandIn() {}

  /** Devices of the stand-in, by what each is strict about. */
  public enum Strictness {
    /** Threads run in order, and work when it is put into a queue. */
    NONE,
    /** The threads of a block run in reversed order. */
    REVERSED_THREADS,
    /** They run in shuffled order, and the work of a queue when somebody waits for it. */
    SHUFFLED_THREADS_AND_DELAYED_QUEUES,
    /** Nothing runs: for who looks at memory alone. */
    IDLE;

    /** All but the idle one. */
    public static Set<Strictness> thatCompute() {
      return EnumSet.complementOf(EnumSet.of(IDLE));
    }
  }

  /** Whether this machine has what it needs. */
  public static boolean isAvailable() {
    return COMPILER;
  }

  static void assumeAvailable() {
    assumeTrue(isAvailable(), "CUDA tests are skipped: they need g++ (apt-get install g++)");
  }

  /** Kernels on a device. */
  public static CudaKernels kernels(Strictness strictness, CudaSettings.ProductType products) {
    return new CudaKernels(settings(strictness, products));
  }

  /** Settings of kernels on a device, which overwrite memory that is given back. */
  static CudaSettings settings(Strictness strictness, CudaSettings.ProductType products) {
    load();
    return new CudaSettings(Device.open(strictness.ordinal()), products, LIBRARIES.resolve("compiled"), SLAB_FLOATS,
        DeviceStack.Released.OVERWRITTEN);
  }

  /** Makes the libraries, if their sources have changed, and loads them. */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    assumeAvailable();
    build();
    NAMES.forEach(name -> System.load(LIBRARIES.resolve(name).toString()));
    loaded = true;
  }

  private static boolean hasCompiler() {
    try {
      return run(List.of("g++", "--version")) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes the libraries, if their sources have changed; returns their folder. */
  static Path build() {
    List<String> command = List.of(SOURCES.resolve("build.sh").toString(), LIBRARIES.toString());
    try {
      if (run(command) != 0) {
        throw new IllegalStateException("The stand-in for CUDA does not compile: " + String.join(" ", command));
      }
      return LIBRARIES;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int run(List<String> command) throws IOException {
    try {
      return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.INHERIT)
          .start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
