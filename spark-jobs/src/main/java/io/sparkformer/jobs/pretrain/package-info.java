/**
 * Trains a network on prepared data.
 *
 * <p>In: a folder written by prepare, and the settings {@code model.*} and {@code train.*}. Out: an output folder with
 * {@code checkpoints/} (see {@code model.checkpoint}), which translate and evaluate take as it is, {@code metrics/} and
 * {@code tensorboard/} (see {@link io.sparkformer.jobs.pretrain.report}), and {@code report.html} (see {@link io.sparkformer.jobs.page}).
 *
 * <p>This package is the driver: {@link io.sparkformer.jobs.pretrain.PretrainJob} (the program),
 * {@link io.sparkformer.jobs.pretrain.Pretraining} (read it first: checks everything, then starts the workers) and
 * {@link io.sparkformer.jobs.pretrain.Supervision} (runs the barrier stage, and runs it again from the last checkpoint when a worker is
 * lost). Below it, each using only those after it: {@link io.sparkformer.jobs.pretrain.resources} (task slots and memory),
 * {@link io.sparkformer.jobs.pretrain.worker} (the training loop), {@link io.sparkformer.jobs.pretrain.saving} (checkpoints),
 * {@link io.sparkformer.jobs.pretrain.report} (messages to the driver) and {@link io.sparkformer.jobs.pretrain.plan} (shared records).
 *
 * <p><b>Every wait has a limit</b>: for another worker and for a checkpoint's files, {@code parameter-server.deadline}; for task slots and
 * for the workers to begin, {@code train.start-timeout}; for an executor that is silent, Spark's {@code spark.network.timeout}.
 */
package io.sparkformer.jobs.pretrain;
