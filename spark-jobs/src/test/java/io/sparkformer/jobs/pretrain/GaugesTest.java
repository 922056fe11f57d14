package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.pretrain.report.RunMonitor;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.management.ObjectName;
import org.apache.spark.metrics.sink.JmxSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A run's gauges in Spark's metrics system, read while it goes on. */
class GaugesTest {
  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2, configuration());

  @TempDir
  private Path folder;

  @Test
  @Timeout(120)
  void prometheusAndJmxShowTheRun() throws Exception {
    org.apache.hadoop.fs.Path data = new org.apache.hadoop.fs.Path(folder.resolve("data").toUri());
    ReversedPairs.write(SPARK.session(), data, 100);
    TrainingRun run = TrainingRun.begin(data, new org.apache.hadoop.fs.Path(folder.resolve("run").toUri()), "train.workers=2",
        "train.max-steps=1000000", "train.max-epochs=1000000", "train.checkpoint.interval-steps=1000000");
    SparkGauges endpoint = new SparkGauges(SPARK.session());
    Map<String, Double> gauges = endpoint.read();
    while (!(gauges.get("step") >= 3)) {
      assertThat(run.isDone()).as(run.output()).isFalse();
      gauges = endpoint.read();
    }
    assertThat(gauges).containsOnlyKeys(SparkGauges.NAMES);
    assertThat(gauges.get("loss")).isBetween(1.0, 6.0);
    assertThat(gauges.get("targetTokensPerSecond")).isPositive();
    assertThat(gauges.get("waitingShare")).isBetween(0.0, 1.0);
    assertThat(gauges.get("checkpointAgeSeconds")).isBetween(0.0, 120.0);
    assertThat(ManagementFactory.getPlatformMBeanServer().queryNames(new ObjectName("metrics:name=*ReportPlugin.step,*"), null)).hasSize(1);
    assertThat(endpoint.get("/jobs/")).contains("pretrain file:" + folder.resolve("run"), "training on 2 worker(s), from the beginning");

    RunMonitor.current().requestStop();
    assertThat(run.await(60)).isEqualTo(0);
    assertThat(endpoint.read().values()).isNotEmpty().allMatch(value -> value.isNaN());
  }

  private static Map<String, String> configuration() {
    Map<String, String> configuration = new HashMap<>(PretrainJob.SPARK_DEFAULTS);
    configuration.putAll(Map.of("spark.ui.enabled", "true", "spark.ui.port", "0",
        "spark.metrics.conf.driver.sink.jmx.class", JmxSink.class.getName()));
    return configuration;
  }
}
