package io.sparkformer.jobs.transport;

import java.util.Set;
import java.util.TreeSet;

/** The first message between workers: the precision in which they send, and their process. */
final class Introduction {
  private Introduction() {}

  /**
   * Exchanges these messages.
   *
   * @param process workers that give the same name share memory
   * @return the ranks of the workers of this process, the worker's own among them
   * @throws IllegalStateException when another worker has another precision
   */
  static Set<Integer> neighbours(Membership worker, String process, Rendezvous rendezvous) {
    // The name of a precision contains no blank.
    String[] lines = rendezvous.gather(worker.precision() + " " + process);
    Set<Integer> neighbours = new TreeSet<>();
    for (int rank = 0; rank < lines.length; rank++) {
      String precision = lines[rank].substring(0, lines[rank].indexOf(' '));
      if (!precision.equals(worker.precision().toString())) {
        throw new IllegalStateException("rank " + worker.rank() + " has " + worker.precision() + " on the wire, but rank " + rank + " "
            + precision + "; all workers must have the same parameter-server.wire-precision");
      }
      if (lines[rank].substring(precision.length() + 1).equals(process)) {
        neighbours.add(rank);
      }
    }
    return neighbours;
  }
}
