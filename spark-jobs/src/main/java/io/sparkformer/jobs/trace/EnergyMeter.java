package io.sparkformer.jobs.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Energy that the processors and the memory of a machine take, by its RAPL counters where the kernel lets this process read them
 * (https://docs.kernel.org/power/powercap/powercap.html). It counts whatever the machine does.
 */
public final class EnergyMeter {
  private static final Path COUNTERS = Path.of("/sys/class/powercap");
  private static final Pattern PACKAGE = Pattern.compile("intel-rapl:\\d+");
  private static final Pattern PART = Pattern.compile("intel-rapl:\\d+:\\d+");
  /** Of a whole platform: its packages are counted already. */
  private static final String PLATFORM = "psys";
  private static final String MEMORY = "dram";
  /** A counter's own interval is a millisecond; reading one takes microseconds, but it is asked for after every step. */
  private static final long READ_NANOS = Duration.ofSeconds(1).toNanos();
  private static final double MICRO = 1e-6;

  private final List<Zone> zones;
  private long read = System.nanoTime();

  /** A counter in microjoules, that begins again at 0 after its range. */
  private static final class Zone {
    private final Path counter;
    private final long range;
    private long last;

    Zone(Path folder) throws IOException {
      counter = folder.resolve("energy_uj");
      range = number(folder.resolve("max_energy_range_uj"));
      last = number(counter);
    }

    long since() throws IOException {
      long now = number(counter);
      long used = now >= last ? now - last : now - last + range;
      last = now;
      return used;
    }

    private static long number(Path file) throws IOException {
      return Long.parseLong(Files.readString(file).strip());
    }
  }

  private EnergyMeter(List<Zone> zones) {
    this.zones = zones;
  }

  /** The meter of this machine; one that measures nothing where the counters are missing or not readable. */
  public static EnergyMeter ofThisMachine() {
    return of(COUNTERS);
  }

  /** A meter that says 0: another worker measures this machine. */
  public static EnergyMeter measuredElsewhere() {
    return new EnergyMeter(List.of());
  }

  static EnergyMeter of(Path counters) {
    List<Zone> zones = new ArrayList<>();
    try (Stream<Path> folders = Files.list(counters)) {
      for (Path folder : folders.sorted().toList()) {
        if (counts(folder)) {
          zones.add(new Zone(folder));
        }
      }
    } catch (IOException | NumberFormatException e) {
      // No such counters, or only root may read them.
      return new EnergyMeter(null);
    }
    return new EnergyMeter(zones.isEmpty() ? null : zones);
  }

  private static boolean counts(Path folder) throws IOException {
    String file = folder.getFileName().toString();
    boolean isPackage = PACKAGE.matcher(file).matches();
    if (!isPackage && !PART.matcher(file).matches()) {
      return false;
    }
    String name = Files.readString(folder.resolve("name")).strip();
    return isPackage ? !name.equals(PLATFORM) : name.equals(MEMORY);
  }

  /** Joules since the last call that read the counters, at most once a second; NaN where they cannot be read. */
  public double take() {
    if (zones == null) {
      return Double.NaN;
    }
    if (System.nanoTime() - read < READ_NANOS) {
      return 0;
    }
    return readNow();
  }

  double readNow() {
    read = System.nanoTime();
    double microjoules = 0;
    try {
      for (Zone zone : zones) {
        microjoules += zone.since();
      }
    } catch (IOException | NumberFormatException e) {
      return Double.NaN;
    }
    return microjoules * MICRO;
  }
}
