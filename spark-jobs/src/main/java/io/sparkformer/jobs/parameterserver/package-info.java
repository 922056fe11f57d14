/**
 * The parameter server that lives on the workers: who owns which slice of the flat parameters, and what an owner does with it.
 *
 * <p>Comes in, once per step and worker: the worker's flat gradient (a sum over its target tokens, {@code [parameters]}), its sum of
 * losses and its number of target tokens. Goes out: the same updated flat parameters at every worker, and a
 * {@link io.sparkformer.jobs.parameterserver.StepResult}. Plain objects, without sockets and without Spark; slices travel through a
 * {@link io.sparkformer.jobs.transport.Transport}.
 *
 * <p>Read {@link io.sparkformer.jobs.parameterserver.ParameterServer} first: its method {@code update} is the whole step. Then
 * {@link io.sparkformer.jobs.parameterserver.ParameterSlices} (the ownership) and
 * {@link io.sparkformer.jobs.parameterserver.GradientSum} (the sum over workers).
 *
 * <p>With local steps {@link io.sparkformer.jobs.parameterserver.LocalSteps} takes its place: every worker updates all parameters by
 * itself, and every so many steps their state is averaged ({@link io.sparkformer.jobs.parameterserver.StateAverage}). What both have in
 * common is {@link io.sparkformer.jobs.parameterserver.ParameterUpdates}.
 *
 * <p>Without local steps the result is that of one worker with the whole batch, up to the order of float32 additions: contributions are
 * added in rank order, tokens and losses in double precision, squares of the gradient in an order that depends neither on threads nor on
 * the processor, and every worker computes every decision from the same bits. With bfloat16 on the wire, gradients and changes of
 * parameters are rounded as the transport says, and every worker still has the same float32 parameters, those of their owners; what local
 * steps average is never rounded.
 */
package io.sparkformer.jobs.parameterserver;
