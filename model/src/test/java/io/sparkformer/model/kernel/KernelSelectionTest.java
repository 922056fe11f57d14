package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cpu.Int8Kernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelSelectionTest {
  @Test
  void portableKernelsAreThereWhenAskedFor() {
    assertThat(KernelSelection.select(KernelChoice.PORTABLE, Precision.AUTO, 2)).isInstanceOf(Nd4jKernels.class);
  }

  @Test
  void cpuKernelsAreChosenWhereTheyRunAndSayWhatTheyAre() {
    Kernels kernels = KernelSelection.select(KernelChoice.AUTO, Precision.FLOAT32, 3);
    assertThat(kernels).isInstanceOf(CpuKernels.class);
    assertThat(kernels.description()).startsWith("CPU kernels: oneDNN 3.").contains("float32, 3 thread(s)");
  }

  @Test
  void bfloat16IsThereOnEveryProcessor() {
    assertThat(KernelSelection.select(KernelChoice.CPU, Precision.BFLOAT16, 1).description()).contains("bfloat16");
  }

  @Test
  void autoIsTheFastestPrecision() {
    String name = CpuKernels.fastestPrecision() == Precision.BFLOAT16 ? "bfloat16" : "float32";
    assertThat(KernelSelection.select(KernelChoice.AUTO, Precision.AUTO, 1).description()).contains(", " + name);
  }

  @Test
  void bfloat16IsTheFastestOnlyWhereTheProcessorHasInstructionsForIt() {
    assertThat(KernelSelection.fastestPrecision(KernelChoice.PORTABLE, Processors.ofHost(1))).isEqualTo(Precision.FLOAT32);
    assertThat(KernelSelection.fastestPrecision(KernelChoice.AUTO, Processors.ofHost(1))).isEqualTo(CpuKernels.fastestPrecision());
    if (!CpuKernels.hasBfloat16Instructions()) {
      assertThat(CpuKernels.fastestPrecision()).isEqualTo(Precision.FLOAT32);
    }
  }

  @Test
  void theCpuKernelsAreRefusedOnOtherArchitectures() {
    assertThatThrownBy(() -> KernelSelection.select(KernelChoice.CPU, Precision.AUTO, Processors.ofHost(1), "macosx-arm64"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("kernels = cpu cannot run here: they are for x86-64 processors, this platform is macosx-arm64. "
            + "Use kernels = auto or portable");
    assertThat(KernelSelection.select(KernelChoice.AUTO, Precision.AUTO, Processors.ofHost(1), "macosx-arm64"))
        .isInstanceOf(Nd4jKernels.class);
  }

  @Test
  void int8IsThereWhereTheProcessorHasVnni() {
    Int8Kernels.assumeTheyRun();
    assertThat(KernelSelection.select(KernelChoice.CPU, Precision.INT8, 1).description()).contains("8-bit integers with 32-bit sums");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bfloat16", "int8"})
  void portableKernelsHaveNoOtherPrecision(String precision) {
    assertThatThrownBy(() -> KernelSelection.select(KernelChoice.PORTABLE, Precision.valueOf(precision.toUpperCase(Locale.ROOT)), 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("precision = %s needs the fast CPU kernels; use precision = float32", precision);
  }
}
