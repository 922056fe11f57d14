package io.sparkformer.jobs.sentence;

/**
 * What a task works on.
 *
 * @param number of the line or of the row, from 0
 */
public record Sentence(long number, String text) { }
