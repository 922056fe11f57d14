/**
 * Adam and the learning-rate schedules, over a slice of the flat parameters.
 *
 * <p>Comes in: the slice's parameters and summed gradient, both {@code [slice]} (see {@link io.sparkformer.model.memory}), a factor for
 * the gradient and a learning rate. Goes out: the parameters, updated in place. The optimizer's state (two moments per parameter, and
 * the number of updates) lives with whoever owns the slice, and can be saved and restored for any other division into slices.
 *
 * <p>Read {@link io.sparkformer.model.optimizer.Adam} first, then {@link io.sparkformer.model.optimizer.LearningRateSchedule};
 * {@link io.sparkformer.model.optimizer.UpdateLoops} is where the time goes.
 */
package io.sparkformer.model.optimizer;
