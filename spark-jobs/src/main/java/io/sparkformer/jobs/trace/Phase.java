package io.sparkformer.jobs.trace;

import java.util.Locale;

/** What a worker can be doing. */
public enum Phase {
  /** Reading and packing the next batch. */
  DATA,
  /** Forward and backward passes. */
  COMPUTE,
  /** Giving gradients and parameters to the network. */
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
