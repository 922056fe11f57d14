package io.sparkformer.jobs.transport;

/**
 * Bytes of gradients and parameters that one worker has sent and received, by reference or through sockets, without headers and messages.
 *
 * @param sentBytes sent to other workers
 * @param receivedBytes received from other workers
 */
public record Traffic(long sentBytes, long receivedBytes) {

  /** The difference from an earlier count. */
  public Traffic since(Traffic earlier) {
    return new Traffic(sentBytes - earlier.sentBytes, receivedBytes - earlier.receivedBytes);
  }
}
