package io.sparkformer.jobs.trace;

import java.util.Locale;

/** The phases of a worker's time. */
public enum Phase {
  /** Reading and packing the next batch. */
  DATA,
  /** Forward and backward passes. */
  COMPUTE,
  /** Sending gradients and parameters. */
  PUSH,
  /** Waiting for other workers: their gradients, parameters or messages. */
  WAIT,
  /** Summing gradients and updating parameters. */
  UPDATE,
  /** Validation, checkpoints, reports. */
  OTHER;

  /** The name that reports and traces use. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
