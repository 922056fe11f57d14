/**
 * Token ids at rest, and the deterministic sequence of batches that training draws from them.
 *
 * <p>In: a table of encoded pairs or documents ({@link io.sparkformer.data.shard.ShardWriter}). Out: one {@link
 * io.sparkformer.data.shard.ExampleBatch} after another ({@link io.sparkformer.data.shard.BatchSequence}; read this class first). Writing
 * needs Spark; reading needs a Hadoop configuration only, so that a barrier task or a plain test can do it.
 *
 * <h2>A prepared folder, format version 3</h2>
 * <pre>
 * manifest.json                    ShardManifest: what is here, with counts and checksums
 * labels.json                      of labelled texts: what the labels mean
 * tokenizer.json                   Hugging Face layout
 * train/shard-00000.parquet ...    training examples in random order
 * validation/shard-00000.parquet   validation examples in the order of their text
 * held-out/source.txt, target.txt  the validation text of pairs, line by line the pairs of validation/
 * held-out/text.jsonl              the validation text of documents, a JSON object with the field text for each
 * </pre>
 *
 * <p><b>Examples</b> ({@link io.sparkformer.data.shard.ExampleKind}) are sentence pairs, or rows of running text: documents one after
 * another, an end-of-document token before each and one at the end of a shard, cut after every {@code rows.tokens} tokens. A row holds one
 * id more, the first of the next row; the last row of a shard may be shorter ({@link io.sparkformer.data.shard.RowPacker}).
 *
 * <p>Labelled texts are what finetune makes of a table: the token ids of a text or of two, special tokens included, with their types and
 * the text's label. {@code labels.json} says what the labels mean ({@link io.sparkformer.data.shard.LabelNames}).
 *
 * <p><b>A shard</b> is a Parquet file with required columns, each a list of int32: of pairs {@code source} and {@code target}, the
 * token ids of the sentences without begin and end tokens; of rows {@code tokens}; of labelled texts {@code tokens}, {@code types} and
 * {@code label}. Any Parquet reader reads it ({@code spark.read().parquet(folder + "/train")}). All shards of a part have the same number
 * of pairs or texts, except the last, which may have fewer; shards of rows have about the same number of tokens. Row groups are small
 * (8,192 examples), so that a resumed run skips what it has seen.
 *
 * <p><b>Order.</b> Training pairs, and documents before they are packed, are sorted by a 64-bit hash of (seed, line number), which
 * does not depend on how Spark cut the text into partitions: the same text and seed give the same bytes on every cluster (with the same
 * Parquet and zstd libraries).
 *
 * <p><b>Identity.</b> Data is what its tokenizer and its examples are: {@link io.sparkformer.data.shard.ShardManifest#fingerprint()} is
 * equal for equal examples in equal shards, whatever bytes the files have. Format version 1 lacked the checksums of content
 * ({@code contentSha256}) and is still read; there the files' checksums tell data apart. Version 2 knew pairs only
 * ({@link io.sparkformer.data.shard.ManifestVersions}).
 *
 * <p><b>Manifest.</b> The JSON fields are the components of {@link io.sparkformer.data.shard.ShardManifest}, {@link
 * io.sparkformer.data.shard.ShardSet}, {@link io.sparkformer.data.shard.Shard}, {@link io.sparkformer.data.shard.LengthHistogram}
 * and {@link io.sparkformer.data.corpus.CleaningReport}. A reader refuses another {@code formatVersion}.
 *
 * <h2>The sequence of batches</h2>
 *
 * <p>It is a function of (shards, {@link io.sparkformer.data.shard.BatchPlan}) alone. In every epoch the shards get a random order;
 * the examples, read one shard after the other, fall into windows of equal size; a window is shuffled, sorted by length and cut into
 * batches of at most so many tokens; its batches are delivered in random order. A {@link io.sparkformer.data.shard.BatchPosition}
 * names the next batch, and a sequence can start at any of them. Rows of text may begin at other tokens in every epoch ({@link
 * io.sparkformer.data.shard.RowCuts}).
 */
package io.sparkformer.data.shard;
