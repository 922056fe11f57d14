/**
 * What jobs share that make something of every sentence: {@code translate}, {@code embed}, {@code generate} and {@code predict}. Read
 * {@link io.sparkformer.jobs.sentence.SentenceJob} first: it reads a text file or a column of a table, gives it to tasks in windows of
 * some sentences, and writes what they make of it, in the same order; {@link io.sparkformer.jobs.sentence.SentenceTask} is the work.
 */
package io.sparkformer.jobs.sentence;
