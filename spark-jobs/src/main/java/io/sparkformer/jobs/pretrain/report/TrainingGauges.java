package io.sparkformer.jobs.pretrain.report;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.sparkformer.jobs.trace.Phase;
import java.util.function.Function;

/**
 * Where the run of this driver stands, as gauges of Spark's metrics system: its sinks (Prometheus, JMX, Graphite ...) show them as
 * {@code APPLICATION.driver.plugin.io.sparkformer.jobs.pretrain.report.ReportPlugin.NAME}. A gauge without a value, before the first
 * report and when no run goes on, is NaN, which Prometheus knows.
 */
final class TrainingGauges {
  private TrainingGauges() {}

  static void register(MetricRegistry registry) {
    ofTraining(registry, "step", Report.Training::step);
    ofTraining(registry, "loss", Report.Training::loss);
    ofTraining(registry, "targetTokensPerSecond", Report.Training::targetTokensPerSecond);
    ofTraining(registry, "waitingShare", training -> training.timeShares().get(Phase.WAIT.text()));
    ofTraining(registry, "skippedSteps", Report.Training::skippedSteps);
    ofRun(registry, "restarts", RunMonitor::restarts);
    ofRun(registry, "checkpointAgeSeconds", RunMonitor::secondsSinceCheckpoint);
  }

  private static void ofTraining(MetricRegistry registry, String name, Function<Report.Training, Number> value) {
    ofRun(registry, name, run -> run.training() == null ? Double.NaN : value.apply(run.training()));
  }

  private static void ofRun(MetricRegistry registry, String name, Function<RunMonitor, Number> value) {
    registry.register(name, (Gauge<Number>) () -> {
      RunMonitor run = RunMonitor.current();
      return run == null ? Double.NaN : value.apply(run);
    });
  }
}
