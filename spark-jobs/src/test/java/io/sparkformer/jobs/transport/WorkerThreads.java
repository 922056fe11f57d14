package io.sparkformer.jobs.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs a test's workers as threads, each with its transport, as a barrier stage under {@code local[W]} does. */
public final class WorkerThreads {
  private WorkerThreads() { }

  /** What one worker does. */
  @FunctionalInterface
  public interface Worker<T> {
    T run(Transport transport) throws Exception;
  }

  /** What became of one worker: its result, or what it threw. */
  public record Outcome<T>(T result, Throwable failure) { }

  /** Runs all workers to their end; one that throws aborts the others, as a job's worker does. */
  public static <T> List<Outcome<T>> run(int workers, Duration deadline, Worker<T> worker) throws InterruptedException {
    String run = UUID.randomUUID().toString();
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      int rank = i;
      Callable<T> task = () -> {
        try (Transport transport = InProcessTransport.join(run, 0, rank, workers, deadline)) {
          try {
            return worker.run(transport);
          } catch (Exception e) {
            transport.abort(e);
            throw e;
          }
        }
      };
      futures.add(pool.submit(task));
    }
    List<Outcome<T>> outcomes = new ArrayList<>();
    for (Future<T> future : futures) {
      try {
        outcomes.add(new Outcome<>(future.get(), null));
      } catch (ExecutionException e) {
        outcomes.add(new Outcome<>(null, e.getCause()));
      }
    }
    pool.shutdown();
    return outcomes;
  }

  /** The results of all workers, when none may fail. */
  public static <T> List<T> results(int workers, Worker<T> worker) throws InterruptedException {
    List<T> results = new ArrayList<>();
    for (Outcome<T> outcome : run(workers, Duration.ofSeconds(60), worker)) {
      if (outcome.failure() != null) {
        throw new AssertionError("a worker failed", outcome.failure());
      }
      results.add(outcome.result());
    }
    return results;
  }
}
