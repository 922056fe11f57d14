/**
 * How ranges of the flat gradient and of the flat parameters travel between the workers of one run.
 *
 * <p>Comes in: ranges of a worker's flat arrays ({@link io.sparkformer.model.memory.FloatRegion}) and short messages, each for a step.
 * Goes out: the same at the other workers, or a {@link io.sparkformer.jobs.transport.TransportException} that names the rank, the step
 * and what was waited for. Nothing is known here of optimizers or of who owns what; that is
 * {@code io.sparkformer.jobs.parameterserver}.
 *
 * <p>Read {@link io.sparkformer.jobs.transport.Transport} first. {@link io.sparkformer.jobs.transport.InProcessTransport} hands ranges
 * over by reference between threads of one JVM.
 *
 * <h2>Rules that every transport keeps</h2>
 * <ul>
 * <li>A range that is pushed, collected, published or pulled is named by its place in the flat array; both sides name the same one.
 * <li>Pushed memory belongs to the receiver until {@code awaitPushed} returns; published memory must not change until every worker has
 * pushed for the next step, which no worker does before it has pulled.
 * <li>Every wait has a deadline. A worker that fails tells the others with {@code abort}, and all waits end at once.
 * </ul>
 */
package io.sparkformer.jobs.transport;
