package io.sparkformer.jobs.transport;

import io.sparkformer.jobs.transport.InProcessGroup.Kind;
import io.sparkformer.jobs.transport.InProcessGroup.Letter;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Hands ranges over by reference between workers that are threads of one JVM, as under {@code local[W]}; a lone worker never waits. */
public final class InProcessTransport implements Transport {
  private final InProcessGroup group;
  private final int rank;
  private final Duration deadline;
  private final List<Letter> pushed = new ArrayList<>();

  private InProcessTransport(InProcessGroup group, int rank, Duration deadline) {
    this.group = group;
    this.rank = rank;
    this.deadline = deadline;
  }

  /**
   * Joins the other workers; does not wait for them.
   *
   * @param run the same at all workers of a run, and at no other run in this JVM
   * @param attempt number of this attempt at the run; a higher one ends what is left of the earlier
   * @param deadline longest time to wait for any one thing
   */
  public static InProcessTransport join(String run, int attempt, int rank, int workers, Duration deadline) {
    return new InProcessTransport(InProcessGroup.join(run, attempt, rank, workers), rank, deadline);
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int workers() {
    return group.workers();
  }

  @Override
  public void push(long step, int owner, FlatRange range, FloatRegion values) {
    requireOther(owner);
    Letter letter = new Letter(Kind.GRADIENT, step, rank, owner, range);
    group.put(List.of(letter), values);
    pushed.add(letter);
  }

  @Override
  public Contributions collect(long step, FlatRange range, FloatRegion own) {
    List<FloatRegion> regions = new ArrayList<>();
    for (int peer = 0; peer < workers(); peer++) {
      regions.add(peer == rank ? own : (FloatRegion) group.take(new Letter(Kind.GRADIENT, step, peer, rank, range), deadline));
    }
    return new Contributions() {
      @Override
      public FloatRegion of(int peer) {
        return regions.get(peer);
      }

      @Override
      public void close() {
        toOthers(Kind.RETURN, step, range, range);
      }
    };
  }

  @Override
  public void awaitPushed(long step) {
    for (Letter letter : pushed) {
      if (letter.step() == step) {
        group.take(new Letter(Kind.RETURN, step, letter.to(), rank, letter.subject()), deadline);
      }
    }
    pushed.removeIf(letter -> letter.step() == step);
  }

  @Override
  public void publish(long step, FlatRange range, FloatRegion values) {
    toOthers(Kind.PARAMETERS, step, range, values);
  }

  @Override
  public void pull(long step, int owner, FlatRange range, FloatRegion into) {
    requireOther(owner);
    into.copyFrom((FloatRegion) group.take(new Letter(Kind.PARAMETERS, step, owner, rank, range), deadline));
  }

  @Override
  public List<byte[]> exchange(long step, String what, byte[] message) {
    toOthers(Kind.MESSAGE, step, what, message);
    List<byte[]> messages = new ArrayList<>();
    for (int peer = 0; peer < workers(); peer++) {
      messages.add(peer == rank ? message : (byte[]) group.take(new Letter(Kind.MESSAGE, step, peer, rank, what), deadline));
    }
    return messages;
  }

  @Override
  public void abort(Throwable cause) {
    group.fail(rank, cause);
  }

  @Override
  public void close() {
    group.leave(rank);
  }

  private void toOthers(Kind kind, long step, Object subject, Object content) {
    List<Letter> copies = new ArrayList<>();
    for (int peer = 0; peer < workers(); peer++) {
      if (peer != rank) {
        copies.add(new Letter(kind, step, rank, peer, subject));
      }
    }
    group.put(copies, content);
  }

  private void requireOther(int owner) {
    if (owner == rank || owner < 0 || owner >= workers()) {
      throw new IllegalArgumentException("rank " + rank + ": no other worker has rank " + owner + " (workers=" + workers() + ")");
    }
  }
}
