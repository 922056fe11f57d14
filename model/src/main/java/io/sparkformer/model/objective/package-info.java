/**
 * What networks learn: each objective makes micro-batches ({@link io.sparkformer.model.batch.Batch}) out of examples, with labels for the
 * head that learns from them. {@link io.sparkformer.model.objective.SequenceToSequence} is the translation model's.
 */
package io.sparkformer.model.objective;
