package io.sparkformer.jobs.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InProcessTransportTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final FlatRange RANGE = new FlatRange(16, 20);

  @Test
  void ownerSeesAllContributionsByRank() throws Exception {
    List<Float> seen = WorkerThreads.results(3, transport -> {
      float rank = transport.rank();
      FloatRegion values = FloatRegion.copyOf(rank, rank, rank, rank);
      if (transport.rank() != 1) {
        transport.push(7, 1, RANGE, values);
        transport.awaitPushed(7);
        return -1f;
      }
      try (Contributions contributions = transport.collect(7, RANGE, values)) {
        return contributions.of(0).at(0) * 100 + contributions.of(1).at(1) * 10 + contributions.of(2).at(3);
      }
    });
    assertThat(seen).containsExactly(-1f, 12f, -1f);
  }

  @Test
  void pushedMemoryIsFreeOnlyAfterTheOwnerIsDone() throws Exception {
    CountDownLatch collected = new CountDownLatch(1);
    List<List<String>> order = new ArrayList<>(List.of(new ArrayList<>()));
    WorkerThreads.results(2, transport -> {
      FloatRegion values = FloatRegion.copyOf(1, 2, 3, 4);
      if (transport.rank() == 0) {
        transport.push(1, 1, RANGE, values);
        collected.await();
        transport.awaitPushed(1);
        synchronized (order) {
          order.get(0).add("free");
        }
      } else {
        try (Contributions contributions = transport.collect(1, RANGE, values)) {
          collected.countDown();
          synchronized (order) {
            order.get(0).add("summed " + contributions.of(0).at(0));
          }
        }
      }
      return null;
    });
    assertThat(order.get(0)).containsExactly("summed 1.0", "free");
  }

  @Test
  void publishedParametersReachEveryWorker() throws Exception {
    List<float[]> pulled = WorkerThreads.results(3, transport -> {
      FloatRegion values = FloatRegion.allocate(4);
      if (transport.rank() == 2) {
        values.write(0, new float[] {5, 6, 7, 8}, 4);
        transport.publish(3, RANGE, values);
      } else {
        transport.pull(3, 2, RANGE, values);
      }
      return values.toArray();
    });
    assertThat(pulled).allSatisfy(values -> assertThat(values).containsExactly(5, 6, 7, 8));
  }

  @Test
  void sumsAndDecisionsAreTheSameEverywhere() throws Exception {
    List<String> results = WorkerThreads.results(5, transport -> {
      double[] sums = transport.sum(1, "totals", 1e100 * transport.rank(), 0.1, transport.rank() == 3 ? Double.NaN : 0);
      byte[] decision = transport.decide(1, "stop", ("stop " + transport.rank()).getBytes(StandardCharsets.UTF_8));
      return Arrays.toString(sums) + new String(decision, StandardCharsets.UTF_8);
    });
    assertThat(results).containsOnly("[1.0E101, 0.5, NaN]stop 0");
  }

  @Test
  void deadlineNamesRankStepAndWhatWasMissing() throws Exception {
    CountDownLatch joined = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(2, SHORT, transport -> {
      if (transport.rank() == 0) {
        // Hung: it comes back only when the other has given up.
        joined.countDown();
        over.await();
        return null;
      }
      joined.await();
      try {
        return transport.collect(17, RANGE, FloatRegion.allocate(4));
      } finally {
        over.countDown();
      }
    });
    assertThat(outcomes.get(1).failure()).isInstanceOf(TransportException.class)
        .hasMessage("rank 1, step 17: waited 0.2 s for the gradient [16, 20) from rank 0; it may be hung or lost");
  }

  @Test
  void workerThatNeverCameIsNamed() {
    try (Transport alone = InProcessTransport.join(UUID.randomUUID().toString(), 0, 0, 3, SHORT)) {
      assertThatThrownBy(() -> alone.pull(4, 2, RANGE, FloatRegion.allocate(4))).isInstanceOf(TransportException.class).hasMessage(
          "rank 0, step 4: waited 0.2 s for the updated parameters [16, 20) from rank 2, which never joined;"
              + " it may be hung or lost");
    }
  }

  @Test
  void failureOfOneEndsTheWaitsOfAllAtOnce() throws Exception {
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(4, LONG, transport -> {
      if (transport.rank() == 2) {
        throw new ArithmeticException("shard 3 is gone");
      }
      return transport.exchange(5, "totals", new byte[0]);
    });
    for (int rank : new int[] {0, 1, 3}) {
      assertThat(outcomes.get(rank).failure()).isInstanceOf(TransportException.class)
          .hasMessageStartingWith("rank " + rank + ", step 5: ")
          .hasMessageEndingWith(", but rank 2 failed: java.lang.ArithmeticException: shard 3 is gone")
          .hasCauseInstanceOf(ArithmeticException.class);
    }
  }

  @Test
  void workerThatLeftIsNotWaitedFor() throws Exception {
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(2, LONG, transport -> {
      if (transport.rank() == 0) {
        transport.publish(1, RANGE, FloatRegion.copyOf(1, 1, 1, 1));
        return null;
      }
      // What it sent before it left still arrives.
      transport.pull(1, 0, RANGE, FloatRegion.allocate(4));
      transport.pull(2, 0, RANGE, FloatRegion.allocate(4));
      return null;
    });
    assertThat(outcomes.get(1).failure()).isInstanceOf(TransportException.class).hasMessage(
        "rank 1, step 2: waited for the updated parameters [16, 20) from rank 0, but that rank has left");
  }

  @Test
  void nextAttemptEndsTheOneBefore() {
    String run = UUID.randomUUID().toString();
    Transport old = InProcessTransport.join(run, 0, 0, 2, LONG);
    try (Transport next = InProcessTransport.join(run, 1, 0, 2, SHORT)) {
      assertThatThrownBy(() -> old.exchange(1, "totals", new byte[0])).isInstanceOf(TransportException.class)
          .hasMessageEndingWith("but attempt 1 of the run has begun");
      assertThatThrownBy(() -> InProcessTransport.join(run, 0, 1, 2, LONG)).isInstanceOf(TransportException.class)
          .hasMessage("rank 1: attempt 0 of run " + run + " is over, attempt 1 has begun");
      assertThatThrownBy(() -> InProcessTransport.join(run, 1, 0, 2, LONG)).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rank 0 joins attempt 1 of run " + run + " twice");
      assertThatThrownBy(() -> InProcessTransport.join(run, 1, 1, 3, LONG)).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rank 1 joins run " + run + " with 3 workers, others with 2");
      assertThat(next.workers()).isEqualTo(2);
    }
  }

  @Test
  void interruptedWaitEnds() throws Exception {
    Throwable[] failure = new Throwable[1];
    Thread worker = new Thread(() -> {
      try (Transport transport = InProcessTransport.join(UUID.randomUUID().toString(), 0, 0, 2, LONG)) {
        transport.exchange(8, "totals", new byte[0]);
      } catch (TransportException e) {
        failure[0] = e;
      }
    });
    worker.start();
    worker.interrupt();
    worker.join();
    assertThat(failure[0]).isInstanceOf(TransportException.class)
        .hasMessage("rank 0, step 8: interrupted while it waited for the exchange of totals from rank 1");
  }

  @Test
  void rejectsRanksThatAreNoOthers() {
    try (Transport transport = InProcessTransport.join(UUID.randomUUID().toString(), 0, 0, 2, SHORT)) {
      assertThatThrownBy(() -> transport.push(1, 0, RANGE, FloatRegion.allocate(4))).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rank 0: no other worker has rank 0 (workers=2)");
    }
    assertThatThrownBy(() -> InProcessTransport.join("run", 0, 2, 2, SHORT)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid rank: 2 (must be 0 to workers - 1, workers=2)");
  }
}
