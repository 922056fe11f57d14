/**
 * Micro-batches: {@link io.sparkformer.model.batch.Batch} (read it first) holds what a network reads and the labels of its heads, packed
 * without padding. {@code objective} makes batches out of examples.
 */
package io.sparkformer.model.batch;
