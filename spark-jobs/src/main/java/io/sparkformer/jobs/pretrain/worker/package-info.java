/**
 * One worker of a training run, in a task of the barrier stage: {@link io.sparkformer.jobs.pretrain.worker.WorkerTask} joins the other
 * workers, {@link io.sparkformer.jobs.pretrain.worker.WorkerStart} creates the network and reads the checkpoint,
 * {@link io.sparkformer.jobs.pretrain.worker.Worker} (read it first) is the training loop,
 * {@link io.sparkformer.jobs.pretrain.worker.GradientStep} computes the gradient of one batch, and
 * {@link io.sparkformer.jobs.pretrain.worker.Validation} a pass over the validation data.
 */
package io.sparkformer.jobs.pretrain.worker;
