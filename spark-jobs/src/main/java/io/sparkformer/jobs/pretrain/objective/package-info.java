/**
 * What a training run learns. {@link io.sparkformer.jobs.pretrain.objective.TrainingObjective} (read it first) makes micro-batches of the
 * examples that prepare wrote, by the objectives of {@code model.objective}; everything random about a micro-batch is a function of the
 * step and of the {@link io.sparkformer.jobs.pretrain.objective.Place} of its tokens in the step.
 */
package io.sparkformer.jobs.pretrain.objective;
