package io.sparkformer.model.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Processors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which kernels a process gets that finds the stand-in's libraries, or some of them, by its library path; each in a process of its own. */
class CudaSelectionTest {
  private static Path libraries;

  @TempDir
  Path folder;

  @BeforeAll
  static void build() {
    StandIn.assumeAvailable();
    libraries = StandIn.build();
  }

  @Test
  void aTaskWithADeviceComputesThereUnlessItIsToldOtherwise() throws Exception {
    assertThat(select(libraries, Map.of(), "auto auto 1", "cuda float32 2", "cpu float32 1", "cuda tf32 0", "cpu tf32 1")).startsWith(
            "CUDA kernels on device 1 (stand-in, reversed threads, sm_90), products in BFLOAT16",
            "CUDA kernels on device 2 (stand-in, shuffled threads and delayed streams, sm_90), products in FLOAT32")
        .satisfies(lines -> assertThat(lines.get(2)).startsWith("CPU kernels: "))
        .endsWith("CUDA kernels on device 0 (stand-in, sm_90), products in TF32",
            "refused: precision = tf32 is for NVIDIA devices; use precision = auto or float32");
    assertThat(select(libraries, Map.of(), "cuda auto -", "cuda int8 0", "auto auto 7")).containsExactly(
        "refused: kernels = cuda needs an NVIDIA device, and was given none. Use kernels = auto or cpu",
        "refused: kernels = cuda cannot use device 0: precision = int8 is for CPUs; set precision = auto, bfloat16, tf32 or float32. Or "
            + "use kernels = cpu",
        "refused: kernels = auto cannot use device 7: There is no CUDA device 7: this machine has 4, numbered from 0. Or use kernels = "
            + "cpu");
  }

  @Test
  void anOldDriverIsRefused() throws Exception {
    assertThat(select(libraries, Map.of("STANDIN_DRIVER_VERSION", "12080"), "auto auto 0")).containsExactly(
        "refused: kernels = auto cannot use device 0: The NVIDIA driver is for CUDA 12.8; needed is driver 580 or later, which has "
            + "CUDA 13.0. Or use kernels = cpu");
  }

  @Test
  void missingLibrariesAreNamed() throws Exception {
    assertMissing("libcuda.so.1", "libcudart.so.13", "libnvrtc.so.13", "libcublasLt.so.13", "libcublas.so.13");
    assertMissing("libnvrtc.so.13", "libcuda.so.1", "libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13");
    assertMissing("libcublas.so.13", "libcuda.so.1", "libcudart.so.13", "libnvrtc.so.13", "libcublasLt.so.13");
  }

  /** A machine that develops kernels may have CUDA 13's cudart, and misses the next library. */
  @Test
  void thoseOfCuda12DoNotServe() throws Exception {
    assertMissing("libcudart.so.13|libnvrtc.so.13", "libcuda.so.1", "libcudart.so.12", "libnvrtc.so.12", "libcublas.so.12");
  }

  /** @param present names of libraries; those of CUDA 12 are made of those of CUDA 13 */
  private void assertMissing(String missing, String... present) throws Exception {
    Path some = Files.createTempDirectory(folder, "libraries");
    for (String name : present) {
      Files.copy(libraries.resolve(name.replace(".so.12", ".so.13")), some.resolve(name));
    }
    String printed = select(some, Map.of(), "cuda auto 0").get(0);
    assumeTrue(printed.startsWith("refused: "), "this machine has NVIDIA's own");
    assertThat(printed).startsWith("refused: kernels = cuda cannot use device 0: CUDA cannot be loaded: ").containsPattern(missing)
        .endsWith("Needed are an NVIDIA driver of version 580 or later, and CUDA 13's cudart, cublas, "
            + "cublasLt and nvrtc (names that end in .so.13; those of CUDA 12 do not serve) on the library path (LD_LIBRARY_PATH; of "
            + "executors, spark.executorEnv.LD_LIBRARY_PATH). Or use kernels = cpu");
  }

  /** What a process says to requests of a choice, a precision and a device each. */
  private static List<String> select(Path libraryPath, Map<String, String> environment, String... requests) throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules=jdk.incubator.vector", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
        Selection.class.getName()));
    command.addAll(List.of(requests));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("LD_LIBRARY_PATH", libraryPath.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return printed.lines().toList();
  }

  /** Prints which kernels are selected, or why none are. */
  static final class Selection {
    private Selection() {}

    public static void main(String[] requests) {
      for (String request : requests) {
        String[] words = request.toUpperCase(Locale.ROOT).split(" ");
        Processors processors = words[2].equals("-") ? Processors.ofHost(1) : Processors.withDevice(1, Integer.parseInt(words[2]));
        try (Kernels kernels = KernelSelection.select(KernelChoice.valueOf(words[0]), Precision.valueOf(words[1]), processors)) {
          System.out.println(kernels.description());
        } catch (IllegalStateException e) {
          System.out.println("refused: " + e.getMessage());
        }
      }
    }
  }
}
