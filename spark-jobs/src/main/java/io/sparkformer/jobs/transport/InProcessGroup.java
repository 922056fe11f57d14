package io.sparkformer.jobs.transport;

import io.sparkformer.model.memory.FlatRange;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The workers of one attempt of a run within this JVM, and the letters between them that are not collected yet. */
final class InProcessGroup {
  private static final Map<String, InProcessGroup> GROUPS = new HashMap<>();

  private final String run;
  private final int attempt;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Letter, Object> letters = new HashMap<>();
  private final boolean[] joined;
  private final boolean[] left;
  private String ending;
  private Throwable cause;

  /** What a letter holds. */
  enum Kind {
    GRADIENT("the gradient"), RETURN("the return of its gradient"), PARAMETERS("the updated parameters"), MESSAGE("the exchange of");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /**
   * The address of something handed over: at most one such letter at a time.
   *
   * @param subject a {@link FlatRange}, or the name of an exchange
   */
  record Letter(Kind kind, long step, int from, int to, Object subject) {
    @Override
    public String toString() {
      return kind.words + " " + subject + " from rank " + from;
    }
  }

  private InProcessGroup(String run, int attempt, int workers) {
    this.run = run;
    this.attempt = attempt;
    this.joined = new boolean[workers];
    this.left = new boolean[workers];
  }

  /** The group of a run's attempt, which the first worker to come creates; an earlier attempt of the run ends. */
  static InProcessGroup join(String run, int attempt, int rank, int workers) {
    if (rank < 0 || rank >= workers) {
      throw new IllegalArgumentException("Invalid rank: " + rank + " (must be 0 to workers - 1, workers=" + workers + ")");
    }
    InProcessGroup group;
    InProcessGroup before;
    synchronized (GROUPS) {
      before = GROUPS.get(run);
      if (before != null && before.attempt > attempt) {
        throw new TransportException("rank " + rank + ": attempt " + attempt + " of run " + run + " is over, attempt "
            + before.attempt + " has begun", null);
      }
      group = before != null && before.attempt == attempt ? before : new InProcessGroup(run, attempt, workers);
      GROUPS.put(run, group);
    }
    if (before != null && before != group) {
      before.end("attempt " + attempt + " of the run has begun", null);
    }
    group.enter(rank, workers);
    return group;
  }

  private void enter(int rank, int workers) {
    lock.lock();
    try {
      if (workers != joined.length) {
        throw new IllegalArgumentException("rank " + rank + " joins run " + run + " with " + workers + " workers, others with "
            + joined.length);
      }
      if (joined[rank]) {
        throw new IllegalArgumentException("rank " + rank + " joins attempt " + attempt + " of run " + run + " twice");
      }
      joined[rank] = true;
    } finally {
      lock.unlock();
    }
  }

  int workers() {
    return joined.length;
  }

  /** Hands the same over to some workers: all of them get it, or none. */
  void put(List<Letter> copies, Object content) {
    lock.lock();
    try {
      for (Letter letter : copies) {
        requireOpen(letter.from, letter.step, "sent " + letter);
        if (letters.putIfAbsent(letter, content) != null) {
          throw new IllegalStateException(where(letter.from, letter.step) + "sent " + letter + " twice");
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  Object take(Letter letter, Duration deadline) {
    lock.lock();
    try {
      long nanosLeft = deadline.toNanos();
      while (true) {
        Object content = letters.remove(letter);
        if (content != null) {
          return content;
        }
        requireOpen(letter.to, letter.step, "waited for " + letter);
        if (left[letter.from]) {
          throw new TransportException(where(letter.to, letter.step) + "waited for " + letter + ", but that rank has left", null);
        }
        if (nanosLeft <= 0) {
          throw new TransportException(where(letter.to, letter.step) + "waited " + deadline.toMillis() / 1000.0 + " s for "
              + letter + (joined[letter.from] ? "" : ", which never joined") + "; it may be hung or lost", null);
        }
        nanosLeft = await(letter, nanosLeft);
      }
    } finally {
      lock.unlock();
    }
  }

  private long await(Letter letter, long nanos) {
    try {
      return changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransportException(where(letter.to, letter.step) + "interrupted while it waited for " + letter, e);
    }
  }

  private void requireOpen(int rank, long step, String action) {
    if (ending != null) {
      throw new TransportException(where(rank, step) + action + ", but " + ending, cause);
    }
  }

  private static String where(int rank, long step) {
    return "rank " + rank + ", step " + step + ": ";
  }

  /** Ends all waits, now and later, for what has not arrived; so what all workers find wrong together, each of them can report. */
  void fail(int rank, Throwable failure) {
    end("rank " + rank + " failed: " + failure, failure);
  }

  /** The first reason to end counts. */
  private void end(String reason, Throwable failure) {
    lock.lock();
    try {
      if (ending == null) {
        ending = reason;
        cause = failure;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void leave(int rank) {
    boolean last = true;
    boolean over = true;
    lock.lock();
    try {
      left[rank] = true;
      for (int each = 0; each < left.length; each++) {
        last &= left[each];
        over &= left[each] || !joined[each];
      }
      // Letters refer to whole networks: none may outlive its reader.
      boolean abandoned = over && ending != null;
      letters.keySet().removeIf(letter -> letter.to == rank || abandoned);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (last) {
      synchronized (GROUPS) {
        GROUPS.remove(run, this);
      }
    }
  }
}
