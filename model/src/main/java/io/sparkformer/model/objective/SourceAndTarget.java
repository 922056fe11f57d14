package io.sparkformer.model.objective;

/**
 * A pair that was made out of one text, for {@link SequenceToSequence}.
 *
 * @param source what the encoder reads, without end token
 * @param target what the decoder says, without end token
 */
public record SourceAndTarget(int[] source, int[] target) {}
