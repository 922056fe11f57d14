/**
 * The prepare job: parallel text in, a prepared folder out, as {@link io.sparkformer.data.shard} specifies it.
 *
 * <p>{@link io.sparkformer.jobs.prepare.PrepareJob} is the program; {@link io.sparkformer.jobs.prepare.Preparation} (read it first) is
 * the way of the data: read and clean, hold out, train or take a tokenizer, encode, write shards and manifest. All of it goes into a
 * {@link io.sparkformer.jobs.output.StagedOutput}: a run that fails leaves nothing behind, and no one ever takes half a folder for a whole
 * one.
 *
 * <p>The same text and settings give the same bytes, on one core or on a cluster.
 */
package io.sparkformer.jobs.prepare;
