package io.sparkformer.jobs.pretrain.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.kernel.Precision;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class MemoryLimitTest {
  private static final long MEGABYTE = 1 << 20;
  private static final long GIGABYTE = 1 << 30;
  private static final MemoryPlan PLAN = new MemoryPlan(300 * MEGABYTE, 200 * MEGABYTE, 100 * MEGABYTE, 400 * MEGABYTE, 0, 2);

  @Test
  void aPlanSaysWhatTakesHowMuch() {
    assertThat(PLAN.description()).isEqualTo("memory outside the heap, at most: 1,000 MB per worker | 2,256 MB per process "
        + "of 2 worker(s)");
    assertThat(PLAN.details()).isEqualTo("memory of a worker: parameters and gradients 300 MB, optimizer and checkpoint 200 MB, "
        + "exchange 100 MB, activations 400 MB");
  }

  @Test
  void anExecutorThatIsTooSmallIsToldWhatToLowerAndWhatToRaise() {
    MemoryLimit unset = MemoryLimit.ofExecutor(conf("yarn").set("spark.executor.memory", "8g")).orElseThrow();
    assertThatThrownBy(() -> unset.require(PLAN, settings(""))).isInstanceOf(InvalidInputException.class)
        .hasMessage("Training may take 2,256 MB outside the Java heap of each executor (2 worker(s) of 1,000 MB each, and 256 MB for Java "
            + "itself), but spark.executor.memoryOverhead is not set and so 819 MB (spark.executor.memoryOverheadFactor 0.1 of the heap of "
            + "8,192 MB, at least spark.executor.minMemoryOverhead); lower train.batch-tokens (4096) or raise train.accumulate (1), "
            + "raise spark.executor.memoryOverhead to at least 2256m, or use fewer task slots per executor (spark.executor.cores divided "
            + "by spark.task.cpus)");
    MemoryLimit set = MemoryLimit.ofExecutor(conf("k8s://https://host").set("spark.executor.memoryOverhead", "2255")).orElseThrow();
    assertThatThrownBy(() -> set.require(PLAN, settings("")))
        .hasMessageContaining(", but spark.executor.memoryOverhead is 2,255 MB; lower");
    assertThatCode(() -> MemoryLimit.ofExecutor(conf("yarn").set("spark.executor.memoryOverhead", "2256m")).orElseThrow()
        .require(PLAN, settings(""))).doesNotThrowAnyException();
  }

  @Test
  void theDefaultsOfSparkAreTheLimitWhereNothingIsSet() {
    assertThat(MemoryLimit.ofExecutor(conf("yarn")).orElseThrow().bytes()).isEqualTo(384 * MEGABYTE);
    assertThat(MemoryLimit.ofExecutor(conf("yarn").set("spark.executor.memory", "10g").set("spark.executor.memoryOverheadFactor", "0.5"))
        .orElseThrow().bytes()).isEqualTo(5 * GIGABYTE);
    assertThat(MemoryLimit.ofExecutor(conf("spark://host:7077"))).isEmpty();
    assertThat(MemoryLimit.ofExecutor(conf("spark://host:7077").set("spark.executor.memoryOverhead", "3g")).orElseThrow().bytes())
        .isEqualTo(3 * GIGABYTE);
  }

  @Test
  void aMachineWhoseHeapLeavesTooLittleIsToldSo() {
    assertThatThrownBy(() -> MemoryLimit.ofMachine(6 * GIGABYTE, 4 * GIGABYTE).require(PLAN, settings("")))
        .hasMessage("Training may take 2,256 MB outside the Java heap (2 worker(s) of 1,000 MB each, and 256 MB for Java itself), but this "
            + "machine or container has 6,144 MB, of which the heap may take 4,096 MB; lower train.batch-tokens (4096) or raise "
            + "train.accumulate (1), use fewer workers (train.workers) or a smaller heap (SPARKFORMER_DRIVER_MEMORY)");
  }

  @Test
  void theQuickstartFitsIntoSevenGigabytes() {
    TrainSettings quickstart = settings("train { batch-tokens = 2048, validation { interval-steps = 500, bleu-sentences = 50 } }");
    for (int workers : new int[] {1, 2, 4, 8}) {
      MemoryPlan plan = plan(quickstart, workers, workers);
      assertThatCode(() -> MemoryLimit.ofMachine(7 * GIGABYTE, 4 * GIGABYTE).require(plan, quickstart)).doesNotThrowAnyException();
    }
  }

  @Test
  void moreWorkersShareTheOptimizerAndReceiveGradientsFromOtherProcesses() {
    MemoryPlan alone = plan(settings(""), 1, 1);
    MemoryPlan together = plan(settings(""), 4, 4);
    MemoryPlan apart = plan(settings(""), 4, 1);
    assertThat(together.parametersAndGradients()).isEqualTo(alone.parametersAndGradients());
    assertThat(together.optimizer()).isLessThan(alone.optimizer());
    assertThat(together.exchange()).isZero();
    assertThat(apart.exchange()).isGreaterThan(alone.parametersAndGradients() / 2 * 3 / 4);
    assertThat(together.activations()).isLessThan(alone.activations());
    MemoryPlan accumulated = plan(settings("train.accumulate = 4"), 1, 1);
    assertThat(accumulated.activations()).isEqualTo(together.activations());
    MemoryPlan rounded = plan(settings("parameter-server.wire-precision = bfloat16"), 4, 1);
    assertThat(rounded.exchange() - apart.exchange()).isCloseTo(alone.parametersAndGradients() / 16, within(1000L));
    assertThat(apart.ofProcess()).isLessThan(together.ofProcess());
  }

  @Test
  void localStepsNeedAllMomentsAndReceiveThemTogetherWithTheParameters() {
    MemoryPlan shared = plan(settings(""), 4, 1);
    MemoryPlan local = plan(settings("train.local-steps = 4"), 4, 1);
    long parameterBytes = shared.parametersAndGradients() / 2;
    assertThat(local.parametersAndGradients()).isEqualTo(shared.parametersAndGradients());
    assertThat(local.activations()).isEqualTo(shared.activations());
    // Both moments of the three slices that are others'.
    assertThat(local.optimizer() - shared.optimizer()).isCloseTo(2 * parameterBytes * 3 / 4, within(1000L));
    // Both moments of the own slice, from three others.
    assertThat(local.exchange() - shared.exchange()).isCloseTo(2 * parameterBytes * 3 / 4, within(1000L));
    MemoryPlan together = plan(settings("train.local-steps = 4"), 4, 4);
    assertThat(together.exchange()).isZero();
  }

  @Test
  void whatDevicesTakeIsNoMemoryOfTheHost() {
    TrainSettings settings = settings("precision = float32");
    MemoryPlan host = plan(settings, 2, 1);
    MemoryPlan device = MemoryPlan.of(small(), settings, 129, 129, 2, 1, 1, MemoryPlan.productsOfDevice(Precision.FLOAT32));
    assertThat(device.activations()).isZero();
    assertThat(device.parametersAndGradients()).isEqualTo(host.parametersAndGradients());
    assertThat(device.device()).isGreaterThan(device.parametersAndGradients() + host.activations() / 2);
    assertThat(device.details()).endsWith(", activations 0 MB; for its device, parameters and gradients are page-locked");
    assertThat(device.description()).endsWith(" of each worker's device").contains(" per process of 1 worker(s) | ");
    assertThat(MemoryPlan.of(small(), settings, 129, 129, 2, 1, 1, MemoryPlan.productsOfDevice(Precision.AUTO)).device())
        .as("whatever the device chooses").isGreaterThan(device.device());
  }

  @Test
  void aDeviceThatIsTooSmallIsToldWhatToLower() {
    MemoryPlan plan = new MemoryPlan(300 * MEGABYTE, 0, 0, 0, 900 * MEGABYTE, 1);
    DeviceLimit small = new DeviceLimit("device 0 (NVIDIA H100, sm_90)", 1000 * MEGABYTE, 800 * MEGABYTE);
    assertThatThrownBy(() -> small.require(plan, settings(""))).isInstanceOf(InvalidInputException.class)
        .hasMessage("Training may take 900 MB of a worker's device, but device 0 (NVIDIA H100, sm_90) has 1,000 MB, of which 800 MB are "
            + "free; lower train.batch-tokens (4096) or raise train.accumulate (1), or set train.recompute=layers");
    assertThatThrownBy(() -> small.require(plan, settings("train.recompute = layers"))).hasMessageEndingWith("train.accumulate (1)");
    assertThatCode(() -> new DeviceLimit("", 1000 * MEGABYTE, 900 * MEGABYTE).require(plan, settings(""))).doesNotThrowAnyException();
  }

  private static MemoryPlan plan(TrainSettings settings, int workers, int workersOfProcess) {
    return MemoryPlan.of(small(), settings, 129, 129, workers, workersOfProcess, 1, MemoryPlan.productsOfHost(settings.compute()));
  }

  /** The quickstart's. */
  private static NetworkConfig small() {
    return new TransformerSettings(2, 2, 128, 4, 512, NormPosition.POST, Activation.RELU, TiedEmbeddings.ALL, 0.1, 0, 0, 0.1, 160,
        1e-5).config(4000, new SpecialTokens(0, 1, 2), 1).network();
  }

  private static TrainSettings settings(String text) {
    return Settings.parse("train { data = d, output = o }\n" + text, "test").train();
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).setMaster(master);
  }
}
