/**
 * The finetune job: a labelled table and a model folder in, a model that labels texts out.
 *
 * <p>{@link io.sparkformer.jobs.finetune.FinetuneJob} (read it first) makes a prepared folder of labelled texts
 * ({@link io.sparkformer.data.shard}) of the tables, {@code data/} in the training output, and trains on it as pretrain does
 * ({@link io.sparkformer.jobs.pretrain}): workers, checkpoints, resumption, metrics and reports are the same. What is learnt follows from
 * the data: {@link io.sparkformer.jobs.pretrain.objective.SequenceLabels}.
 *
 * <p>{@link io.sparkformer.jobs.finetune.LabelledTable} reads a table's texts and labels,
 * {@link io.sparkformer.jobs.finetune.LabelReading} knows what labels mean, {@link io.sparkformer.jobs.finetune.LabelledFolder} writes the
 * folder.
 */
package io.sparkformer.jobs.finetune;
