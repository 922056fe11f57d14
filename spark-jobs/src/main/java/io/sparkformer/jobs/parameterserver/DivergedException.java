package io.sparkformer.jobs.parameterserver;

/** Losses or gradients are not finite, again and again: the same steps from the same checkpoint end the same way. */
public final class DivergedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  DivergedException(String message) {
    super(message);
  }
}
