package io.sparkformer.jobs.cli;

import io.sparkformer.jobs.config.Settings;
import java.io.PrintWriter;
import java.util.Set;
import org.apache.spark.sql.SparkSession;

/**
 * The arguments of a job's work.
 *
 * @param spark the session; started and stopped by {@link JobProgram}
 * @param settings all settings, for what the job stores or prints of them
 * @param options names of the job's own options that were given, {@code --resume}
 * @param stop reports Ctrl-C and SIGTERM, once the job listens to it
 * @param out where results go
 */
public record JobRun(SparkSession spark, Settings settings, Set<String> options, StopSignal stop, PrintWriter out) {
  /** Whether one of the job's own options was given; the name with its dashes. */
  public boolean has(String option) {
    return options.contains(option);
  }
}
