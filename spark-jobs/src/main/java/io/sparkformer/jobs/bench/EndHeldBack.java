package io.sparkformer.jobs.bench;

import io.sparkformer.model.decode.DecoderLimits;
import io.sparkformer.model.decode.StepDecoder;
import io.sparkformer.model.kernel.NextTokens;
import java.util.Arrays;
import java.util.List;

/** A decoder whose translations end at the longest allowed length and not before: the end token has probability 0 until then. */
final class EndHeldBack implements StepDecoder {
  private final StepDecoder decoder;
  private final int end;
  private final int length;
  private int steps;

  /** @param length tokens of every translation */
  EndHeldBack(StepDecoder decoder, int end, int length) {
    this.decoder = decoder;
    this.end = end;
    this.length = length;
  }

  @Override
  public DecoderLimits limits() {
    return decoder.limits();
  }

  @Override
  public NextTokens start(List<int[]> inputs, int k) {
    steps = 0;
    return withoutEnd(decoder.start(inputs, k));
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    steps++;
    return withoutEnd(decoder.step(tokens, parents, k));
  }

  private NextTokens withoutEnd(NextTokens next) {
    if (steps < length) {
      float[] logProbabilities = next.logProbabilities();
      for (int i = 0; i < logProbabilities.length; i++) {
        if (next.tokens()[i] == end) {
          logProbabilities[i] = Float.NEGATIVE_INFINITY;
        }
      }
      Arrays.fill(next.endLogProbabilities(), Float.NEGATIVE_INFINITY);
    }
    return next;
  }

  @Override
  public void close() {
    decoder.close();
  }
}
