package io.sparkformer.jobs.transport;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The workers of one attempt of a run that share a JVM, and the messages (letters) to them until they are collected. A worker waits here
 * for everything that comes from this JVM or another.
 */
final class WorkerGroup {
  private static final Map<String, WorkerGroup> GROUPS = new HashMap<>();

  private final String name;
  private final Membership first;
  private final Set<Integer> local;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Letter, Object> letters = new HashMap<>();
  private final boolean[] joined;
  private final boolean[] left;
  private String ending;
  private Throwable cause;

  /** The content of a letter. */
  enum Kind {
    GRADIENT("the gradient"), RETURN("the return of its gradient"), PARAMETERS("the updated parameters"), MESSAGE("the exchange of");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /**
   * The key of a letter: at most one letter with this key exists at a time.
   *
   * @param subject a range, or the name of an exchange
   */
  record Letter(Kind kind, long step, int from, int to, Object subject) {
    @Override
    public String toString() {
      return kind.words + " " + subject + " from rank " + from;
    }
  }

  private WorkerGroup(String name, Membership first, Set<Integer> local) {
    this.name = name;
    this.first = first;
    this.local = Set.copyOf(local);
    this.joined = new boolean[first.workers()];
    this.left = new boolean[first.workers()];
  }

  /**
   * The group of a run's attempt, created by the first worker that joins; an earlier attempt of the run ends.
   *
   * @param name of the run within this JVM
   * @param local the ranks that share the group
   */
  static WorkerGroup join(String name, Membership worker, Set<Integer> local) {
    WorkerGroup group;
    WorkerGroup before;
    synchronized (GROUPS) {
      before = GROUPS.get(name);
      if (before != null && before.first.attempt() > worker.attempt()) {
        throw new TransportException("rank " + worker.rank() + ": attempt " + worker.attempt() + " of run " + worker.run()
            + " is over, attempt " + before.first.attempt() + " has begun", null);
      }
      group = before != null && before.first.attempt() == worker.attempt() ? before : new WorkerGroup(name, worker, local);
      GROUPS.put(name, group);
    }
    if (before != null && before != group) {
      before.end("attempt " + worker.attempt() + " of the run has begun", null);
    }
    group.enter(worker);
    return group;
  }

  private void enter(Membership worker) {
    lock.lock();
    try {
      if (worker.workers() != joined.length) {
        throw new IllegalArgumentException("rank " + worker.rank() + " joins run " + worker.run() + " with " + worker.workers()
            + " workers, others with " + joined.length);
      }
      if (worker.precision() != first.precision()) {
        throw new IllegalArgumentException("rank " + worker.rank() + " joins run " + worker.run() + " with " + worker.precision()
            + " on the wire, others with " + first.precision());
      }
      if (joined[worker.rank()]) {
        throw new IllegalArgumentException("rank " + worker.rank() + " joins attempt " + worker.attempt() + " of run " + worker.run()
            + " twice");
      }
      joined[worker.rank()] = true;
    } finally {
      lock.unlock();
    }
  }

  /** Delivers the same content to some workers of this JVM: to all of them, or to none. */
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

  /** Adds a letter from another JVM; false when it is there already. */
  boolean deliver(Letter letter, Object content) {
    lock.lock();
    try {
      boolean isNew = letters.putIfAbsent(letter, content) == null;
      changed.signalAll();
      return isNew;
    } finally {
      lock.unlock();
    }
  }

  Object take(Letter letter, Patience patience) {
    return await(letter, patience, () -> letters.remove(letter));
  }

  /**
   * Waits until something has arrived; calls the listener when the wait is long.
   *
   * @param letter what is waited for, by whom and from whom
   * @param arrived returns what has arrived, or null; called again after every {@link #signal}
   */
  <T> T await(Letter letter, Patience patience, Supplier<T> arrived) {
    lock.lock();
    try {
      Patience.Wait wait = patience.begin(letter);
      while (true) {
        T content = arrived.get();
        if (content != null) {
          return content;
        }
        requireOpen(letter.to, letter.step, "waited for " + letter);
        if (left[letter.from]) {
          throw new TransportException(where(letter.to, letter.step) + "waited for " + letter + ", but that rank has left", null);
        }
        if (wait.isOver()) {
          throw new TransportException(where(letter.to, letter.step) + "waited " + patience.deadline().toMillis() / 1000.0 + " s for "
              + letter + (joined[letter.from] ? "" : ", which never joined") + "; it may be hung or lost", null);
        }
        if (wait.isStalled()) {
          tell(wait);
        } else {
          await(letter, wait.nanosToSleep());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Calls the listener without the lock, so that the other workers do not wait for it. */
  private void tell(Patience.Wait wait) {
    lock.unlock();
    try {
      wait.tell();
    } finally {
      lock.lock();
    }
  }

  private void await(Letter letter, long nanos) {
    try {
      changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransportException(where(letter.to, letter.step) + "interrupted while it waited for " + letter, e);
    }
  }

  /** Waits for a condition at most until a deadline; returns whether it holds then. */
  boolean holds(Duration deadline, BooleanSupplier condition) {
    lock.lock();
    try {
      long nanosLeft = deadline.toNanos();
      while (!condition.getAsBoolean() && nanosLeft > 0) {
        nanosLeft = changed.awaitNanos(nanosLeft);
      }
      return condition.getAsBoolean();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all waits to check their conditions again. */
  void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** @throws TransportException when the attempt has ended */
  void requireOpen(int rank, long step, String action) {
    lock.lock();
    try {
      if (ending != null) {
        throw new TransportException(where(rank, step) + action + ", but " + ending, cause);
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isOpen() {
    lock.lock();
    try {
      return ending == null;
    } finally {
      lock.unlock();
    }
  }

  private static String where(int rank, long step) {
    return "rank " + rank + ", step " + step + ": ";
  }

  /**
   * Ends all waits, now and later, for what has not arrived. What has arrived can still be collected, so that a failure that all workers
   * find is reported by each.
   */
  void fail(int rank, Throwable failure) {
    end("rank " + rank + " failed: " + failure, failure);
  }

  /** The first reason to end counts. */
  void end(String reason, Throwable failure) {
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

  /** Marks a worker of another JVM as connected. */
  void enterRemote(int rank) {
    mark(joined, rank);
  }

  /** Marks a worker of another JVM as finished; everything that it sent has arrived. */
  void leaveRemote(int rank) {
    mark(left, rank);
  }

  private void mark(boolean[] ranks, int rank) {
    lock.lock();
    try {
      ranks[rank] = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean hasLeft(int rank) {
    lock.lock();
    try {
      return left[rank];
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
      for (int each : local) {
        last &= left[each];
        over &= left[each] || !joined[each];
      }
      // Letters refer to the memory of networks: none may remain when its reader has ended.
      boolean abandoned = over && ending != null;
      letters.keySet().removeIf(letter -> letter.to == rank || abandoned);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (last) {
      synchronized (GROUPS) {
        GROUPS.remove(name, this);
      }
    }
  }
}
