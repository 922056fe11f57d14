/**
 * Trains a network on prepared data.
 *
 * <p>In: a folder written by prepare, and the settings {@code model.*} and {@code train.*}. Out: an output folder with
 * {@code checkpoints/} (see {@code model.checkpoint}), which translate and evaluate take as it is, and {@code metrics/}.
 *
 * <p>Follow one run: {@link io.sparkformer.jobs.pretrain.PretrainJob} (the program), {@link io.sparkformer.jobs.pretrain.Pretraining}
 * (the driver: checks everything, listens to the workers), {@link io.sparkformer.jobs.pretrain.Supervision} (runs the barrier stage, and
 * runs it again from the last checkpoint when a worker is lost), {@link io.sparkformer.jobs.pretrain.WorkerTask} (one task of
 * the barrier stage; the only class that knows of barriers), {@link io.sparkformer.jobs.pretrain.Worker} (the training loop, plain
 * Java: read it first), {@link io.sparkformer.jobs.pretrain.GradientStep} (one global batch),
 * {@link io.sparkformer.jobs.pretrain.Saving} (checkpoints, written while training goes on).
 *
 * <p><b>Waits</b> all have an end: for another worker and for a checkpoint's files, {@code parameter-server.deadline}; for task slots and
 * for the workers to begin, {@code train.start-timeout}; for an executor that is silent, Spark's {@code spark.network.timeout}.
 *
 * <p>Before the workers begin, {@link io.sparkformer.jobs.pretrain.MemoryPlan} says how much memory outside the Java heap they will take at
 * most, and {@link io.sparkformer.jobs.pretrain.MemoryLimit} how much there is; training that does not fit is refused.
 *
 * <p><b>metrics/from-step-NNNNNNNN.jsonl</b>: one file per start of the run (the second from the same step is
 * {@code from-step-NNNNNNNN-2.jsonl}, and so on), one JSON object per line; {@code "kind"} is
 * {@code training}, {@code validation} or {@code checkpoint}, the other keys are the components of
 * {@link io.sparkformer.jobs.pretrain.Report}'s records in snake case. Losses are nats per target token.
 */
package io.sparkformer.jobs.pretrain;
