package io.sparkformer.jobs.device;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.Processors;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The devices that Spark knows by the name {@value #NAME}. On a cluster every task is given one by Spark. In local mode Spark gives tasks
 * nothing: the driver's devices are theirs, in turn.
 */
public final class GpuResources {
  static final String NAME = "gpu";
  /** What Spark calls the process of local mode among executors. */
  private static final String DRIVER = "driver";
  private static final String OF_TASK = "spark.task.resource.gpu.amount";
  private static final String CLUSTER_FIX = "set " + OF_TASK + "=1, spark.executor.resource.gpu.amount to the devices of an executor, and "
      + "spark.executor.resource.gpu.discoveryScript to a copy of submit-scripts/gpu-discovery.sh on each node (standalone: "
      + "spark.worker.resource.gpu.* of the workers too)";
  private static final String LOCAL_FIX = "set spark.driver.resource.gpu.amount=1 and "
      + "spark.driver.resource.gpu.discoveryScript=submit-scripts/gpu-discovery.sh";

  private GpuResources() {}

  /**
   * Checks settings that Spark itself would accept.
   *
   * @throws InvalidInputException in local mode tasks would wait for devices for ever
   */
  public static void requireUsable(SparkConf conf) {
    if (conf.get("spark.master", "").matches("local(\\[.*])?") && conf.contains(OF_TASK)) {
      throw new InvalidInputException(("%s is %s, but in local mode Spark gives tasks no devices, and they would wait for ever; leave it "
          + "out, and %s").formatted(OF_TASK, conf.get(OF_TASK), LOCAL_FIX));
    }
  }

  /**
   * Called by the driver of a job before its tasks begin.
   *
   * @throws InvalidInputException when the settings ask for a device and tasks would have none
   */
  public static void require(SparkContext spark, ComputeSettings compute) {
    if (compute.kernels() == KernelChoice.CUDA && !areUsed(spark, compute)) {
      throw new InvalidInputException("kernels = cuda, but Spark gives tasks no device; " + (spark.isLocal() ? LOCAL_FIX : CLUSTER_FIX));
    }
  }

  /** Whether tasks have devices that their kernels take. */
  public static boolean areUsed(SparkContext spark, ComputeSettings compute) {
    return compute.kernels().takesDevices() && (spark.isLocal() ? spark.resources().contains(NAME) : spark.getConf().contains(OF_TASK));
  }

  /**
   * What the calling task may compute on: its cores, and its device if it has one and the choice takes it.
   *
   * @throws InvalidInputException when it has several devices, or one whose address is not a number
   */
  public static Processors ofTask(KernelChoice choice, int threads) {
    TaskContext task = TaskContext.get();
    if (task == null || !choice.takesDevices()) {
      return Processors.ofHost(threads);
    }
    ResourceInformation own = task.resourcesJMap().get(NAME);
    if (own != null) {
      if (own.addresses().length != 1) {
        throw new InvalidInputException("A task has the %d devices %s, and can use one; set %s=1, and use more workers"
            .formatted(own.addresses().length, List.of(own.addresses()), OF_TASK));
      }
      return Processors.withDevice(threads, number(own.addresses()[0]));
    }
    if (SparkEnv.get().executorId().equals(DRIVER)) {
      scala.Option<ResourceInformation> shared = SparkContext.getOrCreate().resources().get(NAME);
      if (shared.isDefined()) {
        String[] addresses = shared.get().addresses();
        return Processors.withDevice(threads, number(addresses[task.partitionId() % addresses.length]));
      }
    }
    return Processors.ofHost(threads);
  }

  private static int number(String address) {
    try {
      return Integer.parseInt(address.strip());
    } catch (NumberFormatException e) {
      throw new InvalidInputException("The device %s has an address that is no number; use a discovery script that prints numbers, as "
          .formatted(address) + "submit-scripts/gpu-discovery.sh does", e);
    }
  }
}
