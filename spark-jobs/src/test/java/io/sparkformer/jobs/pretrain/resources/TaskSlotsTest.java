package io.sparkformer.jobs.pretrain.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.TrainSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.Test;

class TaskSlotsTest {
  private final List<String> said = new ArrayList<>();

  @Test
  void localModeHasAllItsSlotsAtOnce() {
    try (Context context = new Context(local()); TaskSlots slots = context.slots()) {
      assertThat(slots.count()).isEqualTo(3);
      assertThat(slots.awaitWorkers(TrainSettings.WORKERS_AUTO)).isEqualTo(3);
      assertThat(slots.awaitWorkers(2)).isEqualTo(2);
      assertThatThrownBy(() -> slots.awaitWorkers(4)).isInstanceOf(InvalidInputException.class)
          .hasMessage("train.workers is 4, but Spark has 3 task slots; lower it, or give more cores (--master local[4], or more"
              + " executors)");
      assertThatThrownBy(() -> slots.await(4)).isInstanceOf(InvalidInputException.class);
      assertThat(said).isEmpty();
    }
  }

  @Test
  void taskCpusMakeFewerSlots() {
    try (Context context = new Context(local().set("spark.task.cpus", "2")); TaskSlots slots = context.slots()) {
      assertThat(slots.count()).isEqualTo(1);
    }
  }

  @Test
  void dynamicAllocationIsRefused() {
    try (Context context = new Context(local().set("spark.dynamicAllocation.enabled", "true"))) {
      assertThatThrownBy(context::slots).isInstanceOf(InvalidInputException.class)
          .hasMessage("spark.dynamicAllocation.enabled is true, but training needs all its executors to the end; set it to false");
    }
  }

  private static SparkConf local() {
    return new SparkConf().setMaster("local[3]").setAppName("task-slots-test").set("spark.ui.enabled", "false")
        .set("spark.driver.bindAddress", "127.0.0.1").set("spark.driver.host", "localhost");
  }

  private final class Context implements AutoCloseable {
    private final SparkContext spark;

    Context(SparkConf conf) {
      spark = new SparkContext(conf);
    }

    TaskSlots slots() {
      return new TaskSlots(spark, Duration.ofMillis(100), said::add);
    }

    @Override
    public void close() {
      spark.stop();
    }
  }
}
