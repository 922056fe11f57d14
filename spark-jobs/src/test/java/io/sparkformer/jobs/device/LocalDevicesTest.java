package io.sparkformer.jobs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Local mode on a machine with two devices, 4 and 6. */
class LocalDevicesTest {
  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2, Map.of("spark.driver.resource.gpu.amount", "2",
      "spark.driver.resource.gpu.discoveryScript", script()));

  private static String script() {
    try {
      Path file = Files.createTempFile("devices", ".sh",
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      file.toFile().deleteOnExit();
      return Files.writeString(file, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"4\", \"6\"]}'\n").toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tasksTakeTheDriversDevicesInTurn() {
    JavaSparkContext spark = new JavaSparkContext(SPARK.session().sparkContext());
    assertThat(devices(spark, KernelChoice.AUTO)).containsExactly(4, 6, 4);
    assertThat(devices(spark, KernelChoice.CUDA)).containsExactly(4, 6, 4);
    assertThat(devices(spark, KernelChoice.CPU)).containsExactly(-1, -1, -1);
  }

  private static List<Integer> devices(JavaSparkContext spark, KernelChoice kernels) {
    return spark.parallelize(List.of(0, 1, 2), 3).map(task -> GpuResources.ofTask(kernels, 1).device().orElse(-1)).collect();
  }

  @Test
  void devicesAreUsedUnlessKernelsAreNamed() {
    var spark = SPARK.session().sparkContext();
    assertThat(GpuResources.areUsed(spark, new ComputeSettings(KernelChoice.AUTO, Precision.AUTO))).isTrue();
    assertThat(GpuResources.areUsed(spark, new ComputeSettings(KernelChoice.CPU, Precision.AUTO))).isFalse();
    assertThatCode(() -> GpuResources.require(spark, new ComputeSettings(KernelChoice.CUDA, Precision.AUTO))).doesNotThrowAnyException();
  }
}
