/**
 * What a training output says about its run, read again from its files.
 *
 * <p>In: {@code metrics/} (see {@link io.sparkformer.jobs.pretrain.report}) and the newest checkpoint. Out:
 * {@link io.sparkformer.jobs.history.RunHistory} (read it first): curves, times, marks and how the run ended. Its size does not depend on
 * the run's length: a {@link io.sparkformer.jobs.history.Curve} keeps fewer points of a longer run.
 */
package io.sparkformer.jobs.history;
