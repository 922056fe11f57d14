package io.sparkformer.jobs.pretrain.report;

/** Training cannot go on; the message is one line that says why. */
public final class TrainingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
