package io.sparkformer.jobs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Processors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class GpuResourcesTest {
  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(1);

  private static final Path SCRIPT = Path.of("../submit-scripts/gpu-discovery.sh");

  @Test
  void resourcesOfTasksAreRefusedInLocalMode() {
    SparkConf conf = new SparkConf(false).set("spark.master", "local[2]").set("spark.task.resource.gpu.amount", "1");
    assertThatThrownBy(() -> GpuResources.requireUsable(conf)).isInstanceOf(InvalidInputException.class)
        .hasMessage("spark.task.resource.gpu.amount is 1, but in local mode Spark gives tasks no devices, and they would wait for ever; "
            + "leave it out, and set spark.driver.resource.gpu.amount=1 and "
            + "spark.driver.resource.gpu.discoveryScript=submit-scripts/gpu-discovery.sh");
    assertThatCode(() -> GpuResources.requireUsable(conf.set("spark.master", "yarn"))).doesNotThrowAnyException();
    assertThatCode(() -> GpuResources.requireUsable(conf.set("spark.master", "local-cluster[2,1,1024]"))).doesNotThrowAnyException();
  }

  @Test
  void whoAsksForADeviceThatSparkDoesNotGiveIsToldWhatToSet() {
    var spark = SPARK.session().sparkContext();
    assertThatThrownBy(() -> GpuResources.require(spark, compute(KernelChoice.CUDA))).isInstanceOf(InvalidInputException.class)
        .hasMessage("kernels = cuda, but Spark gives tasks no device; set spark.driver.resource.gpu.amount=1 and "
            + "spark.driver.resource.gpu.discoveryScript=submit-scripts/gpu-discovery.sh");
    assertThatCode(() -> GpuResources.require(spark, compute(KernelChoice.AUTO))).doesNotThrowAnyException();
    assertThat(GpuResources.areUsed(spark, compute(KernelChoice.AUTO))).isFalse();
    assertThat(GpuResources.ofTask(KernelChoice.AUTO, 3)).as("outside of tasks").isEqualTo(Processors.ofHost(3));
  }

  private static ComputeSettings compute(KernelChoice kernels) {
    return new ComputeSettings(kernels, Precision.AUTO);
  }

  @Test
  void theDiscoveryScriptPrintsWhatSparkReads(@TempDir Path folder) throws Exception {
    fakeSmi(folder, "printf '0\\n1\\n 7\\n'");
    assertThat(discover(folder)).isEqualTo("{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\", \"7\"]}\n");
    var information = org.apache.spark.resource.ResourceInformation.parseJson(discover(folder));
    assertThat(information.name()).isEqualTo("gpu");
    assertThat(information.addresses()).containsExactly("0", "1", "7");
    fakeSmi(folder, "echo NVIDIA-SMI has failed; exit 9");
    assertThat(discover(folder)).isEqualTo("error: nvidia-smi failed: NVIDIA-SMI has failed\n");
    Files.delete(folder.resolve("nvidia-smi"));
    assertThat(discover(folder)).isEqualTo("error: there is no nvidia-smi here, which comes with NVIDIA's driver; install driver 580 or "
        + "later\n");
  }

  private static void fakeSmi(Path folder, String script) throws Exception {
    Path file = Files.writeString(folder.resolve("nvidia-smi"), "#!/bin/bash\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** What the script prints where nothing but a folder and the system's tools is on the path. */
  private static String discover(Path folder) throws Exception {
    for (String tool : new String[] {"awk", "bash"}) {
      if (!Files.exists(folder.resolve(tool))) {
        Files.createSymbolicLink(folder.resolve(tool), Path.of("/usr/bin", tool));
      }
    }
    ProcessBuilder builder = new ProcessBuilder("/usr/bin/env", "bash", SCRIPT.toString()).redirectErrorStream(true);
    builder.environment().put("PATH", folder.toString());
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return printed;
  }
}
