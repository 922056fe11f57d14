/**
 * Times what the project promises to be fast. In: sizes on the command line. Out: one line per measurement, and a last line that
 * holds {@code target_tokens_per_s=N}. Read {@link io.sparkformer.jobs.bench.BenchJob} first; it needs no Spark.
 */
package io.sparkformer.jobs.bench;
