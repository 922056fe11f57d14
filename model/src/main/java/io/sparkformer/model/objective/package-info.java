/**
 * What networks learn: each objective makes micro-batches ({@link io.sparkformer.model.batch.Batch}) out of examples, with labels for the
 * head that learns from them. {@link io.sparkformer.model.objective.SequenceToSequence} is the translation model's;
 * {@link io.sparkformer.model.objective.DenoisedSpans} and {@link io.sparkformer.model.objective.PrefixLanguageModel} make pairs for it
 * out of text.
 */
package io.sparkformer.model.objective;
