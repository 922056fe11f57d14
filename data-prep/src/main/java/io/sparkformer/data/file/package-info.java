/**
 * How files are named and read. {@link io.sparkformer.data.file.PlainFiles} is the Hadoop configuration for text that people edit,
 * {@link io.sparkformer.data.file.SpooledInput} makes a file of what can be read only once (standard input, a pipe), and {@link
 * io.sparkformer.data.file.ZstdCodec} reads and writes {@code .zst}.
 *
 * <p><b>Names</b> are literal: a name that holds {@code [ ] { } * ? \} is that file and no pattern, and a name that a person gives may
 * begin with {@code _} or {@code .}; only inside a folder that is read as a table are such files passed over, as Spark does.
 */
package io.sparkformer.data.file;
