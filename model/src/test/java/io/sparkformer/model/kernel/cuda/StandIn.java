package io.sparkformer.model.kernel.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkformer.model.kernel.cuda.array.DeviceStack;
import io.sparkformer.model.kernel.cuda.driver.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

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

  /** One library: its source, and the name that the bindings look for. The later ones may need the earlier ones. */
  private enum Library {
    DRIVER("driver.cpp", "libcuda.so.1"), RUNTIME("cudart.cpp", "libcudart.so.13"), COMPILER("nvrtc.cpp", "libnvrtc.so.13"),
    PRODUCTS("cublaslt.cpp", "libcublasLt.so.13"), BLAS("cublas.cpp", "libcublas.so.13");

    private final String source;
    private final String soname;

    Library(String source, String soname) {
      this.source = source;
      this.soname = soname;
    }
  }

  private StandIn() {}

  /** Devices of the stand-in, by what each is strict about. */
  public enum Strictness {
    /** Threads run in order, and work when it is put into a queue. */
    NONE,
    /** The threads of a block run in reversed order. */
    REVERSED_THREADS,
    /** They run in shuffled order, and the work of a queue when somebody waits for it. */
    SHUFFLED_THREADS_AND_DELAYED_QUEUES
  }

  /** Whether this machine has what it needs. */
  public static boolean isAvailable() {
    return COMPILER;
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
    assumeTrue(isAvailable(), "CUDA tests are skipped: they need g++ (apt-get install g++)");
    try {
      Files.createDirectories(LIBRARIES);
      for (Library library : Library.values()) {
        Path file = LIBRARIES.resolve(library.soname);
        if (isOld(file)) {
          build(library, file);
        }
        System.load(file.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    loaded = true;
  }

  private static boolean hasCompiler() {
    try {
      return run(List.of("g++", "--version")) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isOld(Path library) throws IOException {
    if (!Files.exists(library)) {
      return true;
    }
    try (Stream<Path> sources = Files.list(SOURCES)) {
      for (Path source : sources.toList()) {
        if (Files.getLastModifiedTime(source).compareTo(Files.getLastModifiedTime(library)) > 0) {
          return true;
        }
      }
      return false;
    }
  }

  private static void build(Library library, Path file) throws IOException {
    Path part = Files.createTempFile(LIBRARIES, library.soname, ".part");
    List<String> command = new ArrayList<>(List.of("g++", "-O2", "-std=c++17", "-fPIC", "-shared",
        "-DSTANDIN_SOURCES=\"" + SOURCES + "\"", "-o", part.toString(), SOURCES.resolve(library.source).toString(),
        "-Wl,-soname," + library.soname));
    if (library == Library.DRIVER) {
      command.add("-ldl");
    } else {
      // NVIDIA's toolkit gives its symbols its libraries' names as versions, and the bindings ask for them.
      Path versions = Files.writeString(LIBRARIES.resolve(library.soname + ".versions"), library.soname + " { *; };\n");
      command.addAll(List.of("-Wl,--version-script," + versions, "-L" + LIBRARIES, "-l:" + Library.DRIVER.soname));
    }
    if (run(command) != 0) {
      throw new IllegalStateException("The stand-in for CUDA does not compile: " + String.join(" ", command));
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
