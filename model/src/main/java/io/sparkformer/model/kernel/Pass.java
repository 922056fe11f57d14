package io.sparkformer.model.kernel;

/** What a forward pass is for: inference, or the training step whose number selects the dropout masks. */
public final class Pass {
  /** No dropout, and nothing is kept for a backward pass. */
  public static final Pass INFERENCE = new Pass(-1);

  private final long step;

  private Pass(long step) {
    this.step = step;
  }

  /** A forward pass that a backward pass follows; {@code step} counts updates, from 0. */
  public static Pass training(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("Invalid step: %d (must be >= 0)".formatted(step));
    }
    return new Pass(step);
  }

  public boolean isTraining() {
    return step >= 0;
  }

  /** The step of a training pass. */
  public long step() {
    if (!isTraining()) {
      throw new IllegalStateException("A pass for inference has no step");
    }
    return step;
  }
}
