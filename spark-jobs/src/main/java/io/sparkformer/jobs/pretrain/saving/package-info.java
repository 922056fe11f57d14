/**
 * Checkpoints of a run, written while training goes on. {@link io.sparkformer.jobs.pretrain.saving.Saving} (read it first) copies a
 * worker's values ({@link io.sparkformer.jobs.pretrain.saving.Snapshot}) and writes and commits them on another thread
 * ({@link io.sparkformer.jobs.pretrain.saving.PendingCheckpoint}). {@code model.checkpoint} specifies the files.
 */
package io.sparkformer.jobs.pretrain.saving;
