package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.pretrain.report.RunMonitor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.apache.spark.metrics.sink.JmxSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A run's gauges in Spark's metrics system, read while it goes on. */
class GaugesTest {
  private static final Pattern LINE = Pattern.compile("metrics_.*_driver_plugin_io_sparkformer\\w*ReportPlugin_(\\w+)_Value\\{.*} (\\S+)");

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
    Map<String, Double> gauges = gauges();
    while (!(gauges.get("step") >= 3)) {
      assertThat(run.isDone()).as(run.output()).isFalse();
      gauges = gauges();
    }
    assertThat(gauges).containsOnlyKeys("step", "loss", "targetTokensPerSecond", "waitingShare", "skippedSteps", "restarts",
        "checkpointAgeSeconds");
    assertThat(gauges.get("loss")).isBetween(1.0, 6.0);
    assertThat(gauges.get("targetTokensPerSecond")).isPositive();
    assertThat(gauges.get("waitingShare")).isBetween(0.0, 1.0);
    assertThat(gauges.get("checkpointAgeSeconds")).isBetween(0.0, 120.0);
    assertThat(ManagementFactory.getPlatformMBeanServer().queryNames(new ObjectName("metrics:name=*ReportPlugin.step,*"), null)).hasSize(1);
    assertThat(get("/jobs/")).contains("pretrain file:" + folder.resolve("run"), "training on 2 worker(s), from the beginning");

    RunMonitor.current().requestStop();
    assertThat(run.await(60)).isEqualTo(0);
    assertThat(gauges().values()).isNotEmpty().allMatch(value -> value.isNaN());
  }

  private static Map<String, String> configuration() {
    Map<String, String> configuration = new HashMap<>(PretrainJob.SPARK_DEFAULTS);
    configuration.putAll(Map.of("spark.ui.enabled", "true", "spark.ui.port", "0",
        "spark.metrics.conf.driver.sink.jmx.class", JmxSink.class.getName()));
    return configuration;
  }

  private static Map<String, Double> gauges() throws IOException, InterruptedException {
    Map<String, Double> gauges = new TreeMap<>();
    for (String line : get("/metrics/prometheus/").lines().toList()) {
      Matcher gauge = LINE.matcher(line);
      if (gauge.matches()) {
        gauges.put(gauge.group(1), Double.valueOf(gauge.group(2)));
      }
    }
    return gauges;
  }

  private static String get(String path) throws IOException, InterruptedException {
    URI url = URI.create("http://127.0.0.1:" + URI.create(SPARK.session().sparkContext().uiWebUrl().get()).getPort() + path);
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(20)).build(),
        HttpResponse.BodyHandlers.ofString()).body();
  }
}
