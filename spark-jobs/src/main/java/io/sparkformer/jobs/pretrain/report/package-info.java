/**
 * Messages between the workers of a run and its driver.
 *
 * <p>In: what workers report ({@link io.sparkformer.jobs.pretrain.report.Report}, read it first) and their failures. Out: lines on the
 * driver's console and in its log ({@link io.sparkformer.jobs.pretrain.report.RunMonitor}), the metrics files
 * ({@link io.sparkformer.jobs.pretrain.report.MetricsLog}), event files for TensorBoard
 * ({@link io.sparkformer.jobs.pretrain.report.Curves}, {@link io.sparkformer.jobs.tensorboard}), and the driver's request to stop.
 * {@link io.sparkformer.jobs.pretrain.report.ReportPlugin} sends them between executors and the driver.
 *
 * <p><b>metrics/from-step-NNNNNNNN.jsonl</b>: one file per start of the run (the second from the same step, or the next part where
 * the file system shows a file only when it is closed, is {@code from-step-NNNNNNNN-2.jsonl}, and so on), one JSON object per line;
 * {@code "kind"} is {@code start}, {@code training}, {@code validation}, {@code checkpoint}, {@code workers}, {@code note} or {@code end},
 * {@code "time"} is milliseconds since 1970, the other keys are the components of the records of
 * {@link io.sparkformer.jobs.pretrain.report.Report} in snake case. Losses are nats per target token. {@code driver.jsonl},
 * {@code driver-2.jsonl} ... hold a line for each failure that the driver dealt with, of kind {@code restart} or {@code failure}.
 */
package io.sparkformer.jobs.pretrain.report;
