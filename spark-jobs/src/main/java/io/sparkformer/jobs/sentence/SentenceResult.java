package io.sparkformer.jobs.sentence;

/**
 * What was made of a sentence.
 *
 * @param number of the sentence, from 0
 */
public record SentenceResult<T>(long number, String sentence, T value) { }
