package io.sparkformer.jobs.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnergyMeterTest {
  @TempDir
  private Path counters;

  @Test
  void packagesAndMemoryAreCountedOnceAlsoWhereACounterBeginsAgain() throws IOException {
    zone("intel-rapl:0", "package-0", 900);
    zone("intel-rapl:0:0", "core", 100);
    zone("intel-rapl:0:1", "dram", 50);
    zone("intel-rapl:1", "psys", 7);
    EnergyMeter meter = EnergyMeter.of(counters);
    zone("intel-rapl:0", "package-0", 200);
    zone("intel-rapl:0:0", "core", 500);
    zone("intel-rapl:0:1", "dram", 80);
    zone("intel-rapl:1", "psys", 900);
    // 1000 - 900 + 200 of the package, 30 of the memory.
    assertThat(meter.readNow()).isCloseTo(330e-6, within(1e-12));
    assertThat(meter.readNow()).isZero();
    assertThat(meter.take()).isZero();
  }

  @Test
  void withoutCountersNothingIsKnown() throws IOException {
    assertThat(EnergyMeter.of(counters).take()).isNaN();
    assertThat(EnergyMeter.of(counters.resolve("missing")).take()).isNaN();
    zone("intel-rapl:0", "package-0", 1);
    Files.writeString(counters.resolve("intel-rapl:0/energy_uj"), "");
    assertThat(EnergyMeter.of(counters).take()).isNaN();
    assertThat(EnergyMeter.measuredElsewhere().readNow()).isZero();
  }

  private void zone(String folder, String name, long microjoules) throws IOException {
    Path zone = Files.createDirectories(counters.resolve(folder));
    Files.writeString(zone.resolve("name"), name + "\n");
    Files.writeString(zone.resolve("max_energy_range_uj"), "1000\n");
    Files.writeString(zone.resolve("energy_uj"), microjoules + "\n");
  }
}
