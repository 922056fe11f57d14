package io.sparkformer.jobs.transport;

import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.util.List;

/**
 * The memory of one worker that is sent and received, and the owner of each part of it.
 *
 * @param slices the slice of every rank, one after another from 0 to the end; may be empty
 * @param parameters all parameters, {@code [parameters]}: what owners publish is stored here
 * @param gradient the worker's gradient, {@code [parameters]}: what is pushed is read from here
 * @param changes what the worker publishes of its slice if bfloat16 is sent; if float32 is sent, it publishes its parameters
 */
public record FlatArrays(List<FlatRange> slices, FloatRegion parameters, FloatRegion gradient, RoundedChanges changes) {

  /** @throws IllegalArgumentException when the slices do not cover both arrays */
  public FlatArrays {
    slices = List.copyOf(slices);
    long end = 0;
    for (FlatRange slice : slices) {
      if (slice.from() != end) {
        throw new IllegalArgumentException("Slices must follow one another: " + slices);
      }
      end = slice.to();
    }
    if (parameters.length() != end || gradient.length() != end) {
      throw new IllegalArgumentException("The slices hold " + end + " elements, the parameters " + parameters.length()
          + ", the gradient " + gradient.length());
    }
  }

  /** For a transport that sends float32. */
  public FlatArrays(List<FlatRange> slices, FloatRegion parameters, FloatRegion gradient) {
    this(slices, parameters, gradient, new RoundedChanges(0));
  }

  FlatRange slice(int rank) {
    return slices.get(rank);
  }
}
