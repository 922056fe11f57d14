package io.sparkformer.jobs.pretrain.report;

import io.sparkformer.jobs.tensorboard.EventFile;
import io.sparkformer.jobs.tensorboard.EventRecord;
import io.sparkformer.jobs.tensorboard.TensorHistogram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What the first worker writes about a start of the run: the metrics, and the same as curves for TensorBoard. */
public final class RunLogs implements AutoCloseable {
  private final MetricsLog metrics;
  private final EventFile events;

  private RunLogs(MetricsLog metrics, EventFile events) {
    this.metrics = metrics;
    this.events = events;
  }

  /**
   * @param output of the training
   * @param step that this start goes on from
   */
  public static RunLogs open(Configuration hadoop, Path output, long step) throws IOException {
    return new RunLogs(new MetricsLog(hadoop, output, step), new EventFile(hadoop, new Path(output, Curves.FOLDER), step + 1));
  }

  void write(Report report) {
    write(() -> {
      metrics.write(report);
      events.write(Curves.of(report));
    });
  }

  void histograms(long step, String group, Map<String, TensorHistogram> ofTensors) {
    EventRecord record = new EventRecord(step);
    ofTensors.forEach((tensor, histogram) -> record.histogram(group + "/" + tensor, histogram));
    write(() -> events.write(record));
  }

  /** Keeps what was written from being lost with this process: what comes before a checkpoint is not reported again. */
  void show() {
    write(() -> {
      metrics.show();
      events.show();
    });
  }

  @FunctionalInterface
  private interface Writing {
    void run() throws IOException;
  }

  private static void write(Writing writing) {
    try {
      writing.run();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the metrics: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    try (metrics) {
      events.close();
    }
  }
}
