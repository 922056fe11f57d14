package io.sparkformer.jobs.pretrain.resources;

import static io.sparkformer.jobs.pretrain.resources.MemoryPlan.megabytes;

import com.sun.management.OperatingSystemMXBean;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.TrainSettings;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkConf;

/**
 * The memory that is available outside the Java heap to a process with workers.
 *
 * @param bytes how much
 * @param owner for messages: whose memory it is
 * @param found for messages: the amount, and what it follows from
 * @param remedy for messages: how to get more; {@code %d} in it becomes the megabytes that are needed
 */
public record MemoryLimit(long bytes, String owner, String found, String remedy) {
  private static final String OVERHEAD = "spark.executor.memoryOverhead";
  private static final String FACTOR = "spark.executor.memoryOverheadFactor";
  private static final String LEAST = "spark.executor.minMemoryOverhead";
  private static final String RAISE = "raise " + OVERHEAD + " to at least %dm, or use fewer task slots per executor (spark.executor.cores "
      + "divided by spark.task.cpus)";
  /** Spark's sizes without a unit are megabytes. */
  private static final int MEGABYTE_SHIFT = 20;

  /** The memory of this machine, or of this container, less the heap. */
  public static MemoryLimit ofThisMachine() {
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return ofMachine(system.getTotalMemorySize(), Runtime.getRuntime().maxMemory());
  }

  static MemoryLimit ofMachine(long physicalBytes, long heapBytes) {
    return new MemoryLimit(physicalBytes - heapBytes, "",
        String.format(Locale.ROOT, "this machine or container has %,d MB, of which the heap may take %,d MB", megabytes(physicalBytes),
            megabytes(heapBytes)),
        "use fewer workers (train.workers) or a smaller heap (SPARKFORMER_DRIVER_MEMORY)");
  }

  /** What a cluster grants an executor; empty where nothing is set and the cluster does not enforce a limit (a standalone one). */
  public static Optional<MemoryLimit> ofExecutor(SparkConf conf) {
    if (conf.contains(OVERHEAD)) {
      long bytes = conf.getSizeAsMb(OVERHEAD) << MEGABYTE_SHIFT;
      return Optional.of(ofExecutor(bytes, String.format(Locale.ROOT, "%s is %,d MB", OVERHEAD, megabytes(bytes))));
    }
    String master = conf.get("spark.master", "");
    if (master.startsWith("spark://") || master.startsWith("local-cluster")) {
      return Optional.empty();
    }
    double factor = conf.getDouble(FACTOR, conf.getDouble("spark.kubernetes.memoryOverheadFactor", 0.1));
    long heapMegabytes = conf.getSizeAsMb("spark.executor.memory", "1g");
    long megabytes = Math.max(conf.getSizeAsMb(LEAST, "384m"), (long) (factor * heapMegabytes));
    return Optional.of(ofExecutor(megabytes << MEGABYTE_SHIFT,
        String.format(Locale.ROOT, "%s is not set and so %,d MB (%s %s of the heap of %,d MB, at least %s)", OVERHEAD, megabytes, FACTOR,
            factor, heapMegabytes, LEAST)));
  }

  private static MemoryLimit ofExecutor(long bytes, String found) {
    return new MemoryLimit(bytes, " of each executor", found, RAISE);
  }

  /** @throws InvalidInputException when a process needs more */
  public void require(MemoryPlan plan, TrainSettings settings) {
    if (plan.ofProcess() <= bytes) {
      return;
    }
    throw new InvalidInputException(String.format(Locale.ROOT,
        "Training may take %,d MB outside the Java heap%s (%d worker(s) of %,d MB each, and %,d MB for Java itself), but %s; "
            + "lower train.batch-tokens (%d) or raise train.accumulate (%d), %s",
        megabytes(plan.ofProcess()), owner, plan.workersOfProcess(), megabytes(plan.ofWorker()), megabytes(MemoryPlan.PROCESS_BYTES), found,
        settings.batchTokens(), settings.accumulate(), String.format(Locale.ROOT, remedy, megabytes(plan.ofProcess()))));
  }
}
