/**
 * The command line of every job: arguments in, one exit status out.
 *
 * <p>{@link io.sparkformer.jobs.cli.JobProgram} (read it first) declares a job's name, its flags that stand for settings and its own
 * options, reads the command line and the {@link io.sparkformer.jobs.config.Settings}, starts a
 * {@link org.apache.spark.sql.SparkSession}, hands all of it to the job's work as a {@link io.sparkformer.jobs.cli.JobRun}, and turns
 * what is thrown into one readable line. A job's class is then a {@code main} of one line and a declaration.
 *
 * <p>Exit status: 0 done; 1 failed, with {@code error: ...} as the last line on standard error; 2 wrong usage; 130 and 143 after an
 * interrupt (Ctrl-C) or a request to terminate. Stack traces go to the log alone: the file that the environment variable
 * {@code SPARKFORMER_LOG_FILE} names (submit-scripts/job.sh sets it, and conf/log4j2.properties reads it).
 *
 * <p>Results go to standard output; progress, warnings and errors are logged, and conf/log4j2.properties shows them on standard error
 * (the caller's: {@code CallersError}).
 */
package io.sparkformer.jobs.cli;
