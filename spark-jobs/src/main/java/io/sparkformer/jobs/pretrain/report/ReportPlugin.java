package io.sparkformer.jobs.pretrain.report;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.io.Serializable;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends reports and failures from an executor to the driver, and the request to stop back, in Spark's own messages. In local mode both
 * are in one process and nothing is sent. On the driver this also registers {@link TrainingGauges}.
 */
public final class ReportPlugin implements SparkPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(ReportPlugin.class);
  private static volatile PluginContext executor;

  /** A message; where the report is null it only asks whether to stop. */
  private record Message(String attempt, Report report) implements Serializable {}

  /** A worker's last message. */
  private record Failed(String attempt, WorkerFailure failure) implements Serializable {}

  /** How the first worker of an attempt reports: takes a report, or null for none, and returns whether the attempt shall stop. */
  public static Predicate<Report> line(String attempt) {
    return report -> tell(attempt, report);
  }

  /** Reports a long wait of any worker of an attempt without waiting for an answer, and logs it. */
  public static void warn(String attempt, Report.Waiting wait) {
    RunMonitor here = RunMonitor.current();
    if (here != null) {
      here.receive(attempt, wait);
      return;
    }
    LOG.warn("{}", wait.text());
    PluginContext line = executor;
    if (line == null) {
      return;
    }
    try {
      line.send(new Message(attempt, wait));
    } catch (IOException | RuntimeException e) {
      LOG.warn("This warning does not reach the driver: {}", e.getMessage());
    }
  }

  /** Reports the failure of any worker of an attempt, and waits until the driver has it; where the driver cannot be reached, logs that. */
  public static void fail(String attempt, WorkerFailure failure) {
    RunMonitor here = RunMonitor.current();
    if (here != null) {
      here.fail(attempt, failure);
      return;
    }
    PluginContext line = executor;
    if (line == null) {
      return;
    }
    try {
      line.ask(new Failed(attempt, failure));
    } catch (Exception e) {
      LOG.warn("The driver cannot be reached to be told why this worker fails: {}", e.getMessage());
    }
  }

  private static boolean tell(String attempt, Report report) {
    RunMonitor here = RunMonitor.current();
    if (here != null) {
      return here.receive(attempt, report);
    }
    PluginContext line = executor;
    if (line == null) {
      throw new InvalidInputException("The workers cannot reach the driver: start with --conf spark.plugins="
          + ReportPlugin.class.getName());
    }
    try {
      return (Boolean) line.ask(new Message(attempt, report));
    } catch (Exception e) {
      throw new IllegalStateException("The driver does not answer a worker's report: " + e.getMessage(), e);
    }
  }

  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext context, PluginContext plugin) {
        return Map.of();
      }

      @Override
      public void registerMetrics(String application, PluginContext plugin) {
        TrainingGauges.register(plugin.metricRegistry());
      }

      @Override
      public Object receive(Object message) {
        RunMonitor monitor = RunMonitor.current();
        if (message instanceof Failed failed) {
          if (monitor != null) {
            monitor.fail(failed.attempt(), failed.failure());
          }
          return true;
        }
        Message told = (Message) message;
        boolean stop = monitor == null || monitor.receive(told.attempt(), told.report());
        // Nobody waits for an answer to a warning, and Spark would log an error about one.
        return told.report() instanceof Report.Waiting ? null : stop;
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext plugin, Map<String, String> extra) {
        executor = plugin;
        Departure.here().watch();
      }

      @Override
      public void shutdown() {
        executor = null;
      }
    };
  }
}
