package io.sparkformer.jobs.transport;

/**
 * Bytes of gradients and parameters that one worker has given to others and got from them, by reference or through sockets; headers
 * and messages do not count.
 *
 * @param sentBytes given to other workers
 * @param receivedBytes got from other workers
 */
public record Traffic(long sentBytes, long receivedBytes) {

  /** What has gone and come since an earlier count. */
  public Traffic since(Traffic earlier) {
    return new Traffic(sentBytes - earlier.sentBytes, receivedBytes - earlier.receivedBytes);
  }
}
