/**
 * Benchmarks. In: sizes on the command line. Out: one line per measurement; {@code bench.sh train} ends
 * with a line that holds {@code target_tokens_per_s=N}, {@code bench.sh step-sync} with one that holds {@code payload_gb_per_s=N}.
 *
 * <p>Read {@link io.sparkformer.jobs.bench.BenchJob} first; it needs no Spark. For {@code step-sync} then {@code StepSyncBench} (what is
 * measured), {@code WorkerProcesses} (how it starts workers in processes of their own) and {@code StepModel} (what the measurements
 * predict for faster links and more workers).
 */
package io.sparkformer.jobs.bench;
