/**
 * Token ids at rest, and the deterministic sequence of batches that training draws from them.
 *
 * <p>In: a table of encoded pairs ({@link io.sparkformer.data.shard.ShardWriter}). Out: {@link io.sparkformer.data.shard.ExampleBatch}
 * after {@code ExampleBatch} ({@link io.sparkformer.data.shard.BatchSequence}; read this one first). Writing needs Spark; reading needs
 * a Hadoop configuration only, so that a barrier task or a plain test can do it.
 *
 * <h2>A prepared folder, format version 2</h2>
 * <pre>
 * manifest.json                    ShardManifest: what is here, with counts and checksums
 * tokenizer.json                   Hugging Face layout
 * train/shard-00000.parquet ...    training pairs in random order
 * validation/shard-00000.parquet   validation pairs in the order of their text
 * held-out/source.txt, target.txt  the validation text, line by line the pairs of validation/
 * </pre>
 *
 * <p><b>A shard</b> is a Parquet file with two required columns, {@code source} and {@code target}, each a list of int32: the token
 * ids of the sentence without begin and end tokens. Any Parquet reader reads it ({@code spark.read().parquet(folder + "/train")}).
 * All shards of a part have the same number of pairs, except the last, which may have fewer. Row groups are small (8,192 pairs), so
 * that a resumed run skips what it has seen.
 *
 * <p><b>Order.</b> Training pairs are sorted by a 64-bit hash of (seed, line number), which does not depend on how Spark cut the
 * text into partitions: the same text and seed give the same bytes on every cluster (with the same Parquet and zstd libraries).
 *
 * <p><b>Identity.</b> Data is what its tokenizer and its pairs are: {@link io.sparkformer.data.shard.ShardManifest#fingerprint()} is
 * equal for equal pairs in equal shards, whatever bytes the files have. Format version 1 lacked the checksums of content
 * ({@code contentSha256}) and is still read; there the files' checksums tell data apart.
 *
 * <p><b>Manifest.</b> The JSON fields are the components of {@link io.sparkformer.data.shard.ShardManifest}, {@link
 * io.sparkformer.data.shard.ShardSet}, {@link io.sparkformer.data.shard.Shard}, {@link io.sparkformer.data.shard.LengthHistogram}
 * and {@link io.sparkformer.data.corpus.CleaningReport}. A reader refuses another {@code formatVersion}.
 *
 * <h2>The sequence of batches</h2>
 *
 * <p>It is a function of (shards, {@link io.sparkformer.data.shard.BatchPlan}) alone. In every epoch the shards get a random order;
 * the pairs, read one shard after the other, fall into windows of equal size; a window is shuffled, sorted by length and cut into
 * batches of at most so many tokens; its batches are delivered in random order. A {@link io.sparkformer.data.shard.BatchPosition}
 * names the next batch, and a sequence can start at any of them.
 */
package io.sparkformer.data.shard;
