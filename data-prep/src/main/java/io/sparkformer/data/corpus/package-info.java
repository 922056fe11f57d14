/**
 * From files of text to clean sentence pairs or documents.
 *
 * <p>In: {@link io.sparkformer.data.corpus.ParallelText}, two aligned files or one tab-separated file, plain or compressed
 * (named .gz, .bz2 or .zst). Out: {@link io.sparkformer.data.corpus.CleanedText}, a table of pairs with a {@link
 * io.sparkformer.data.corpus.CleaningReport} that says how many were dropped and why.
 * Read {@link io.sparkformer.data.corpus.Cleaning} first.
 *
 * <p>For language models: {@link io.sparkformer.data.corpus.DocumentText}, documents in files, folders or what matches a pattern, as
 * {@link io.sparkformer.data.corpus.DocumentFormat} says; {@link io.sparkformer.data.corpus.DocumentCleaning} removes lines by
 * {@link io.sparkformer.data.corpus.LineRule}s and then documents by {@link io.sparkformer.data.corpus.DocumentRule}s. Their table has the
 * columns {@code line}, a number that is unique and grows with the place in the text, and {@code text}. Nothing is
 * collected on the driver but the names of files. Bytes that are not UTF-8 are a rule there: one damaged file of a large crawl is no reason
 * to stop. Normalization keeps the white space within documents.
 *
 * <p><b>Lines.</b> Text is UTF-8; a byte-order mark at the start is dropped; a line ends with LF or CR LF and with nothing else, so
 * that a stray CR or a Unicode line separator on one side cannot shift the sides against each other. Bytes that are not UTF-8 are
 * an error that names the line: Spark's own text reader would replace them silently.
 *
 * <p><b>Tables</b> of this package have the columns {@code line} (bigint, counts from 0 in the file), {@code source} and {@code
 * target} (string). Rows have no order; the line number identifies a pair, so that no result depends on partitions.
 *
 * <p><b>Cleaning.</b> Both sides are normalized (NFC, whitespace), then the {@link io.sparkformer.data.corpus.CleaningRule}s apply
 * in order, and every dropped pair is counted under the first rule that it breaks. Validation text is only normalized and rid of
 * pairs with an empty side: what a model is measured on is not filtered by what suits the model.
 */
package io.sparkformer.data.corpus;
