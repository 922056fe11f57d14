/**
 * The records that the other packages of {@code pretrain} share: {@link io.sparkformer.jobs.pretrain.plan.TrainingPlan} (read it first)
 * is the same for all workers of a run, {@link io.sparkformer.jobs.pretrain.plan.TrainingState} is the position of a run and is stored
 * in every checkpoint, {@link io.sparkformer.jobs.pretrain.plan.WorkerStatus} is sent between workers after every step, and
 * {@link io.sparkformer.jobs.pretrain.plan.TrainingEnd} is the result of a worker.
 */
package io.sparkformer.jobs.pretrain.plan;
