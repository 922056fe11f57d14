/**
 * From raw text, parallel or running, to shards of token ids.
 *
 * <p>{@link io.sparkformer.data.file} opens files, {@link io.sparkformer.data.corpus} reads and cleans text, {@link
 * io.sparkformer.data.tokenizer} learns a vocabulary from it and turns sentences into token ids, {@link io.sparkformer.data.shard} stores
 * the ids and reads them as a deterministic sequence of batches. This package itself holds what all of them share: {@link
 * io.sparkformer.data.InvalidInputException}, the one exception that means "the user can fix this", and {@link
 * io.sparkformer.data.SplitMix64}, random numbers that are the same in every version of Java.
 */
package io.sparkformer.data;
