/**
 * Event files, which TensorBoard shows as curves, histograms and text.
 *
 * <p>In: numbers with a tag and a step. Out: files whose name contains {@code tfevents}.
 * {@link io.sparkformer.jobs.tensorboard.EventFile} (read it first) writes them, {@link io.sparkformer.jobs.tensorboard.EventRecord} is one
 * entry, and {@link io.sparkformer.jobs.tensorboard.TensorHistogram} counts values in the intervals that TensorFlow uses.
 *
 * <p><b>Format.</b> A file is a sequence of TensorFlow's records (TFRecord), all numbers little-endian: the length of the content, 8 bytes;
 * a masked CRC-32C of these 8 bytes, 4 bytes; the content; its masked CRC-32C, 4 bytes. A checksum c is masked as
 * {@code ((c >>> 15) | (c << 17)) + 0xa282ead8}. The content is the protocol buffer {@code tensorflow.Event}
 * (tensorflow/core/util/event.proto). The first record of each file has the file version {@code brain.Event:2}; the first file of each
 * start of a run then has a {@code SessionLog} with status {@code START}: readers drop whatever earlier files have from that step on, so
 * that a run which goes on from a checkpoint continues the curves of the run before.
 */
package io.sparkformer.jobs.tensorboard;
