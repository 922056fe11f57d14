package io.sparkformer.jobs.pretrain;

import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.pretrain.report.ReportPlugin;
import java.util.Map;
import org.apache.spark.metrics.sink.PrometheusServlet;

/** The pretrain program. */
public final class PretrainJob {
  /** What Spark reads when the session starts, unless the user has set it. */
  static final Map<String, String> SPARK_DEFAULTS = Map.of(
      // Brings the workers' reports to the driver.
      "spark.plugins", ReportPlugin.class.getName(),
      // A stage that lost a worker is begun again by Supervision, which knows whether that helps.
      "spark.stage.maxConsecutiveAttempts", "1",
      // The driver's UI shows the gauges to Prometheus.
      "spark.metrics.conf.driver.sink.prometheusServlet.class", PrometheusServlet.class.getName(),
      "spark.metrics.conf.driver.sink.prometheusServlet.path", "/metrics/prometheus");

  private PretrainJob() {}

  public static void main(String[] args) {
    setSparkDefaults();
    program().main(args, Settings::train, (run, settings) -> new Pretraining(run, settings).train());
  }

  /** To be called before the session starts. */
  public static void setSparkDefaults() {
    SPARK_DEFAULTS.forEach((key, value) -> System.setProperty(key, System.getProperty(key, value)));
  }

  static JobProgram program() {
    return JobProgram.named("pretrain", "Trains a translation model or a language model on a folder that prepare wrote.")
        .group("Data and output")
        .flag("--data", "train.data", "DIR", "folder written by prepare")
        .flag("--output", "train.output", "DIR", "folder to write: checkpoints, best model, metrics")
        .option(Pretraining.RESUME, "go on from the newest checkpoint of the output folder")
        .group("Workers and limits")
        .flag("--workers", "train.workers", "N", "workers, each one barrier task; auto: one per task slot")
        .flag("--max-steps", "train.max-steps", "N", "stop after this many updates")
        .flag("--max-time", "train.max-time", "TIME", "stop after this time, 30m or 2h")
        .example("pretrain.sh -c conf/multi30k-en-de.conf --data out/multi30k --output out/run")
        .example("pretrain.sh -c conf/multi30k-en-de.conf --data out/multi30k --output out/run --resume");
  }
}
