/**
 * Text files line by line on Spark, in order: {@link io.sparkformer.jobs.text.NumberedLines} reads them with their numbers, {@link
 * io.sparkformer.jobs.text.OrderedParts} spreads numbered things over tasks without losing their order, {@link
 * io.sparkformer.jobs.text.PartFolder} puts the files that the tasks wrote together as one.
 *
 * <p>A line ends with a line feed, as {@code wc -l} counts (a carriage return before it is left out; any other is part of the text,
 * and so is every other Unicode line separator). A last line without a line feed counts. Text is UTF-8. Nothing here holds more of a
 * file in memory than one task's part.
 */
package io.sparkformer.jobs.text;
