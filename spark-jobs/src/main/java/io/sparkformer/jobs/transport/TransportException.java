package io.sparkformer.jobs.transport;

/** Something did not arrive: a deadline passed, or another worker failed or left. The message names rank, step and what is missing. */
public final class TransportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TransportException(String message, Throwable cause) {
    super(message, cause);
  }
}
