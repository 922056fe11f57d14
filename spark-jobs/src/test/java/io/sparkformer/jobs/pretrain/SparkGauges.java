package io.sparkformer.jobs.pretrain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** The gauges of training, as the Prometheus endpoint of a driver's UI shows them. */
record SparkGauges(SparkSession spark) {
  static final String[] NAMES =
      {"step", "loss", "targetTokensPerSecond", "waitingShare", "skippedSteps", "restarts", "checkpointAgeSeconds"};
  private static final Pattern LINE = Pattern.compile("metrics_.*_driver_plugin_io_sparkformer\\w*ReportPlugin_(\\w+)_Value\\{.*} (\\S+)");

  /** Their values now, by name. */
  Map<String, Double> read() {
    Map<String, Double> gauges = new TreeMap<>();
    for (String line : get("/metrics/prometheus/").lines().toList()) {
      Matcher gauge = LINE.matcher(line);
      if (gauge.matches()) {
        gauges.put(gauge.group(1), Double.valueOf(gauge.group(2)));
      }
    }
    return gauges;
  }

  /** Reads them again and again until a run is over; returns the last values that were the run's. */
  Map<String, Double> readUntilTheEnd(TrainingRun run) {
    Map<String, Double> last = Map.of();
    while (!run.isDone()) {
      Map<String, Double> now = read();
      last = now.getOrDefault("step", Double.NaN).isNaN() ? last : now;
    }
    return last;
  }

  /** A page of the UI. */
  String get(String path) {
    URI url = URI.create("http://127.0.0.1:" + URI.create(spark.sparkContext().uiWebUrl().get()).getPort() + path);
    try {
      return HttpClient.newHttpClient().send(HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(20)).build(),
          HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError("Interrupted while " + url + " was read", e);
    }
  }
}
