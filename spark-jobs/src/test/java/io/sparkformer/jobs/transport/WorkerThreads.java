package io.sparkformer.jobs.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;

/** Runs a test's workers as threads, each with its transport, as a barrier stage does. */
public final class WorkerThreads {
  private WorkerThreads() { }

  /** What lies between the workers. */
  public enum Link {
    /** Memory, as under {@code local[W]}. */
    MEMORY,
    /** Sockets, as between executors of one core each. */
    SOCKETS,
    /** Two workers in each process. */
    PAIRS;

    String process(String run, int rank) {
      return run + "/" + switch (this) {
        case MEMORY -> 0;
        case SOCKETS -> rank;
        case PAIRS -> rank / 2;
      };
    }
  }

  /** What one worker does. */
  @FunctionalInterface
  public interface Worker<T> {
    T run(Transport transport) throws Exception;
  }

  /** What became of one worker: its result, or what it threw. */
  public record Outcome<T>(T result, Throwable failure) { }

  /** Runs all workers to their end; one that throws aborts the others, as a job's worker does. */
  public static <T> List<Outcome<T>> run(int workers, Duration deadline, Worker<T> worker) throws InterruptedException {
    return run(Link.MEMORY, workers, deadline, worker);
  }

  public static <T> List<Outcome<T>> run(Link link, int workers, Duration deadline, Worker<T> worker) throws InterruptedException {
    SocketSettings settings = sockets(new SparkConf(false));
    return run(link, workers, deadline, rank -> settings, worker);
  }

  static <T> List<Outcome<T>> run(Link link, int workers, Duration deadline, IntFunction<SocketSettings> settings, Worker<T> worker)
      throws InterruptedException {
    return run(UUID.randomUUID().toString(), link, workers, deadline, settings, line -> line, rank -> WirePrecision.FLOAT32, worker);
  }

  /** @param route what a worker tells the others instead of its address */
  static <T> List<Outcome<T>> run(String run, Link link, int workers, Duration deadline, IntFunction<SocketSettings> settings,
      UnaryOperator<String> route, IntFunction<WirePrecision> precision, Worker<T> worker) throws InterruptedException {
    return run(run, link, workers, Patience.logged(deadline), settings, route, precision, worker);
  }

  static <T> List<Outcome<T>> run(Link link, int workers, Patience patience, Worker<T> worker) throws InterruptedException {
    SocketSettings settings = sockets(new SparkConf(false));
    return run(UUID.randomUUID().toString(), link, workers, patience, rank -> settings, line -> line, rank -> WirePrecision.FLOAT32,
        worker);
  }

  private static <T> List<Outcome<T>> run(String run, Link link, int workers, Patience patience, IntFunction<SocketSettings> settings,
      UnaryOperator<String> route, IntFunction<WirePrecision> precision, Worker<T> worker) throws InterruptedException {
    Meeting meeting = new Meeting(workers);
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      int rank = i;
      Callable<T> task = () -> {
        Membership member = new Membership(run, 0, rank, workers, patience.deadline(), precision.apply(rank));
        try (Transport transport = WorkerTransport.join(member, link.process(run, rank), 
            own -> meeting.gather(rank, own.startsWith("localhost:") ? route.apply(own) : own),
            () -> settings.apply(rank), patience)) {
          try {
            return worker.run(transport);
          } catch (Exception | AssertionError e) {
            transport.abort(e);
            throw e;
          }
        } catch (Exception | AssertionError e) {
          meeting.cancel();
          throw e;
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
    return results(Link.MEMORY, workers, worker);
  }

  public static <T> List<T> results(Link link, int workers, Worker<T> worker) throws InterruptedException {
    return results(link, WirePrecision.FLOAT32, workers, worker);
  }

  public static <T> List<T> results(Link link, WirePrecision precision, int workers, Worker<T> worker) throws InterruptedException {
    SocketSettings settings = sockets(new SparkConf(false));
    return results(run(UUID.randomUUID().toString(), link, workers, Duration.ofSeconds(60), rank -> settings, line -> line,
        rank -> precision, worker));
  }

  static <T> List<T> results(List<Outcome<T>> outcomes) {
    List<T> results = new ArrayList<>();
    for (Outcome<T> outcome : outcomes) {
      if (outcome.failure() != null) {
        throw new AssertionError("a worker failed: " + outcome.failure(), outcome.failure());
      }
      results.add(outcome.result());
    }
    return results;
  }

  /** Settings with small chunks, few of them in flight, so that short tests see many. */
  static SocketSettings sockets(SparkConf conf) {
    if (!conf.contains("spark.app.id")) {
      conf.set("spark.app.id", "test");
    }
    SecurityManager security = new SecurityManager(conf, SecurityManager.$lessinit$greater$default$2(),
        SecurityManager.$lessinit$greater$default$3());
    return new SocketSettings(conf, security, "localhost", 1, 1 << 10, 8 << 10, List.of());
  }

  /** A rendezvous of threads. */
  static final class Meeting {
    private final String[] lines;
    private final CyclicBarrier barrier;

    Meeting(int workers) {
      lines = new String[workers];
      barrier = new CyclicBarrier(workers);
    }

    /** Nobody waits for one that has failed; a barrier stage is cancelled then. */
    void cancel() {
      barrier.reset();
    }

    String[] gather(int rank, String own) {
      lines[rank] = own;
      try {
        barrier.await(60, TimeUnit.SECONDS);
        String[] all = lines.clone();
        barrier.await(60, TimeUnit.SECONDS);
        return all;
      } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
        throw new IllegalStateException("rank " + rank + " missed the rendezvous", e);
      }
    }
  }
}
