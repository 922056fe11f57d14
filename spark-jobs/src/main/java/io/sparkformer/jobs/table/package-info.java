/**
 * Tables in files, read and written so that every column but new ones passes through unchanged. {@link
 * io.sparkformer.jobs.table.TableFormat} (read it first) is what a format does; {@link io.sparkformer.jobs.table.TableFiles} finds the
 * files of a table.
 *
 * <p><b>Order.</b> A table's rows are those of its files one after another, in the order of their paths, numbers in them compared by
 * value: {@code part-9} comes before {@code part-10}. File n of the input becomes {@code part-n-UUID} of the output, with the same rows.
 *
 * <p><b>Unchanged</b> means: a CSV record and a JSON object keep their text, character by character, and the new value is put behind
 * it; a Parquet or ORC value keeps its stored form and its type, with precision, calendar and time zone, whether or not Spark has a
 * type for it. No value goes through a type of Spark's or Java's on the way. What cannot be kept is refused: CSV records with more or
 * fewer fields than the header, JSON that is not one object a line, Parquet columns of equal names. Of Parquet's file metadata,
 * descriptions of all columns for Arrow and Avro are left out, since they would not know the new column.
 *
 * <p><b>CSV</b> is RFC 4180 in UTF-8 with a header line: fields are separated by commas, quoted by {@code "}, a quote within quotes is
 * doubled, quoted fields may hold line breaks, and lines end with CR LF or LF. A field without text and quotes is null, {@code ""} is
 * empty text.
 *
 * <p><b>TSV</b> is text in UTF-8 with a header line; fields are separated by tabs and hold neither tabs nor line breaks, quotes are text,
 * and an empty field is null. CSV and TSV without a header line are read where the caller names the columns; then the output has none
 * either.
 *
 * <p><b>Folders.</b> Files may lie in folders named {@code column=value}, as Spark writes partitions. Such a column is added to the rows
 * of the output as text, exactly as it stands in the name; {@code __HIVE_DEFAULT_PARTITION__} is null. Names that begin with {@code _} or
 * {@code .} are passed over inside a folder.
 */
package io.sparkformer.jobs.table;
