package io.sparkformer.jobs.transport;

/** A frame is not what a worker of this run sends now; its connection is closed. The message says what is wrong with it. */
final class MalformedFrameException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedFrameException(String message) {
    // Anyone may send malformed frames, so the exception must be cheap: it has no stack trace.
    super(message, null, false, false);
  }
}
