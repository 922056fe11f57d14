package io.sparkformer.jobs.pretrain.saving;

import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.model.checkpoint.CheckpointDraft;
import io.sparkformer.model.checkpoint.CheckpointFile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A checkpoint that is being written, as one worker sees it: first every worker writes its files; when all have, the first worker commits.
 * The work of either phase runs on another thread.
 */
final class PendingCheckpoint {
  private final int rank;
  private final long start = System.nanoTime();
  private final TrainingState state;
  private final CheckpointDraft draft;
  private Phase phase = Phase.WRITING;
  private Future<List<CheckpointFile>> work;

  /** What all workers are doing. */
  enum Phase {
    WRITING("writing its files of"), COMMITTING("committing");

    private final String words;

    Phase(String words) {
      this.words = words;
    }
  }

  PendingCheckpoint(int rank, TrainingState state, CheckpointDraft draft) {
    this.rank = rank;
    this.state = state;
    this.draft = draft;
  }

  TrainingState state() {
    return state;
  }

  CheckpointDraft draft() {
    return draft;
  }

  Phase phase() {
    return phase;
  }

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Begins this worker's work of a phase. */
  void begin(Phase next, ExecutorService thread, Callable<List<CheckpointFile>> body) {
    phase = next;
    work = thread.submit(body);
  }

  /**
   * Whether this worker's work of the phase is done.
   *
   * @throws IOException when it failed
   */
  boolean isDone(Duration deadline) throws IOException {
    if (!work.isDone()) {
      if (seconds() > deadline.toNanos() / 1e9) {
        throw late(deadline);
      }
      return false;
    }
    result(deadline);
    return true;
  }

  /** Waits for this worker's work of the phase; returns the files it wrote. */
  List<CheckpointFile> result(Duration deadline) throws IOException {
    try {
      return work.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw late(deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(where() + " was interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(where() + " failed: " + e.getCause().getMessage(), e.getCause());
    }
  }

  private IOException late(Duration deadline) {
    return new IOException(where() + " has taken more than " + deadline.toMillis() / 1000.0 + " s (parameter-server.deadline); check the "
        + "file system of train.output");
  }

  private String where() {
    return "rank " + rank + ", step " + state.step() + ": " + phase.words + " the checkpoint";
  }
}
