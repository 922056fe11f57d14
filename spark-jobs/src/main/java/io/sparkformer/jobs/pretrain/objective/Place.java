package io.sparkformer.jobs.pretrain.objective;

/**
 * Where examples stand among those of a step, of all workers together, so that what is drawn at random for a token does not depend on which
 * worker computes it.
 *
 * @param draw the number that everything random about the step's examples is drawn with
 * @param encoderToken tokens that the encoder has read before
 * @param decoderToken tokens that the decoder has read before
 */
public record Place(long draw, int encoderToken, int decoderToken) {
  /** Before all examples. */
  public static Place first(long draw) {
    return new Place(draw, 0, 0);
  }

  Place plus(int encoderTokens, int decoderTokens) {
    return new Place(draw, Math.addExact(encoderToken, encoderTokens), Math.addExact(decoderToken, decoderTokens));
  }
}
