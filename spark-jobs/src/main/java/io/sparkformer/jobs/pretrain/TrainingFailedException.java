package io.sparkformer.jobs.pretrain;

/** Training cannot go on; the message is one line that says why. */
final class TrainingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
