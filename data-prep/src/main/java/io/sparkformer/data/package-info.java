/**
 * From raw text, parallel or running, to shards of token ids.
 *
 * <p>{@link io.sparkformer.data.corpus} reads and cleans text, {@link io.sparkformer.data.tokenizer} learns a
 * vocabulary from it and turns sentences into token ids, {@link io.sparkformer.data.shard} stores the ids and reads them as a deterministic
 * sequence of batches. This package itself holds what all three share: {@link
 * io.sparkformer.data.InvalidInputException}, the one exception that means "the user can fix this", and {@link
 * io.sparkformer.data.SplitMix64}, random numbers that stay the same for ever.
 */
package io.sparkformer.data;
