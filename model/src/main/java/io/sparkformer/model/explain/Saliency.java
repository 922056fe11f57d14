package io.sparkformer.model.explain;

/**
 * What each token that was read adds to the log-probability of a prediction, to first order: the gradient with respect to the token's
 * embedding, times the embedding ({@code x . dlog p / dx}, {@code x = scale * table[id]}; Denil et al. 2014, "Extraction of salient
 * sentences from labelled documents", section 4). Positive: the token speaks for the prediction.
 *
 * @param logProbability of the prediction, in nats; of a span the mean of its two
 * @param encoder {@code [encoder tokens]}; null for a network without an encoder
 * @param decoder {@code [decoder tokens]}; null for a network without a decoder
 */
public record Saliency(double logProbability, float[] encoder, float[] decoder) {
}
