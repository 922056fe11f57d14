package io.sparkformer.jobs.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.jobs.transport.WorkerThreads.Link;
import io.sparkformer.jobs.transport.WorkerThreads.Outcome;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class WorkerTransportTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(10);

  /** Slices of different lengths: of 3000 elements the first has 1000, and every other as many as are left for it. */
  private static FlatArrays arrays(int workers, float gradient) {
    List<FlatRange> slices = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      slices.add(new FlatRange(rank == 0 ? 0 : 1000 + 2000L * (rank - 1) / (workers - 1),
          workers == 1 ? 3000 : 1000 + 2000L * rank / (workers - 1)));
    }
    FloatRegion values = FloatRegion.allocate(3000);
    for (int i = 0; i < 3000; i++) {
      values.write(i, new float[] {gradient + i}, 1);
    }
    return new FlatArrays(slices, FloatRegion.allocate(3000), values);
  }

  private static FlatRange all() {
    return new FlatRange(0, 3000);
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, 1", "MEMORY, 3", "SOCKETS, 2", "SOCKETS, 3", "SOCKETS, 4", "PAIRS, 3", "PAIRS, 4"})
  void everyOwnerSeesAllContributionsByRankAndEveryWorkerAllParameters(Link link, int workers) throws Exception {
    List<float[]> pulled = WorkerThreads.results(link, workers, transport -> {
      FlatArrays arrays = arrays(workers, 10000 * transport.rank());
      transport.bind(arrays);
      FlatRange own = arrays.slices().get(transport.rank());
      for (long step = 1; step <= 5; step++) {
        // In pieces from the end, as a backward pass makes them; they cross slices.
        for (long to = 3000; to > 0; to -= 700) {
          transport.push(step, new FlatRange(Math.max(0, to - 700), to));
        }
        try (Contributions contributions = transport.collect(step)) {
          for (int rank = 0; rank < workers; rank++) {
            assertThat(contributions.of(rank).length()).isEqualTo(own.length());
            for (long i = 0; i < own.length(); i += 37) {
              assertThat(contributions.of(rank).at(i)).isEqualTo(10000 * rank + own.from() + i);
            }
          }
        }
        transport.exchange(step, "all have summed", new byte[0]);
        arrays.parameters().write(own.from(), filled((int) own.length(), 100 * step + transport.rank()), (int) own.length());
        FlatRange half = new FlatRange(own.from(), own.from() + own.length() / 2);
        transport.publish(step, new FlatRange(half.to(), own.to()));
        transport.publish(step, half);
        transport.awaitPushed(step);
        transport.pull(step, new FlatRange(100, 200));
        transport.pull(step, all());
      }
      return arrays.parameters().toArray();
    });
    for (float[] parameters : pulled) {
      FlatArrays arrays = arrays(workers, 0);
      for (int rank = 0; rank < workers; rank++) {
        FlatRange slice = arrays.slices().get(rank);
        assertThat(Arrays.copyOfRange(parameters, (int) slice.from(), (int) slice.to())).containsOnly(500 + rank);
      }
    }
  }

  private static float[] filled(int length, float value) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void pushedMemoryIsFreeOnlyAfterTheOwnerInTheSameProcessIsDone() throws Exception {
    CountDownLatch collected = new CountDownLatch(1);
    List<String> order = new ArrayList<>();
    WorkerThreads.results(2, transport -> {
      FlatArrays arrays = new FlatArrays(List.of(new FlatRange(0, 0), new FlatRange(0, 4)), FloatRegion.allocate(4),
          FloatRegion.copyOf(1, 2, 3, 4));
      transport.bind(arrays);
      if (transport.rank() == 0) {
        transport.push(1, new FlatRange(0, 4));
        collected.await();
        transport.awaitPushed(1);
        synchronized (order) {
          order.add("free");
        }
      } else {
        try (Contributions contributions = transport.collect(1)) {
          collected.countDown();
          synchronized (order) {
            order.add("summed " + contributions.of(0).at(0));
          }
        }
      }
      return null;
    });
    assertThat(order).containsExactly("summed 1.0", "free");
  }

  @ParameterizedTest
  @EnumSource(Link.class)
  void sumsAndDecisionsAreTheSameEverywhere(Link link) throws Exception {
    List<String> results = WorkerThreads.results(link, 5, transport -> {
      double[] sums = transport.sum(1, "totals", 1e100 * transport.rank(), 0.1, transport.rank() == 3 ? Double.NaN : 0);
      byte[] decision = transport.decide(1, "stop", ("stop " + transport.rank()).getBytes(StandardCharsets.UTF_8));
      return Arrays.toString(sums) + new String(decision, StandardCharsets.UTF_8);
    });
    assertThat(results).containsOnly("[1.0E101, 0.5, NaN]stop 0");
  }

  @ParameterizedTest
  @EnumSource(Link.class)
  void deadlineNamesRankStepAndWhatWasMissing(Link link) throws Exception {
    CountDownLatch joined = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(link, 3, SHORT, transport -> {
      transport.bind(arrays(3, 0));
      if (transport.rank() == 0) {
        // Hung: it comes back only when the other has given up.
        joined.countDown();
        over.await();
        return null;
      }
      joined.await();
      if (transport.rank() == 1) {
        over.await();
        return null;
      }
      try {
        return transport.collect(17);
      } finally {
        over.countDown();
      }
    });
    assertThat(outcomes.get(2).failure()).isInstanceOf(TransportException.class)
        .hasMessage("rank 2, step 17: waited 0.2 s for the gradient [2000, 3000) from rank 0; it may be hung or lost");
  }

  @ParameterizedTest
  @EnumSource(Link.class)
  void longWaitIsToldAgainAndAgainWhileItGoesOn(Link link) throws Exception {
    CountDownLatch told = new CountDownLatch(2);
    List<Stall> stalls = new ArrayList<>();
    Patience patience = new Patience(Duration.ofSeconds(10), stall -> {
      if (told.getCount() > 0) {
        stalls.add(stall);
      }
      told.countDown();
    });
    List<WorkerThreads.Outcome<Float>> outcomes = WorkerThreads.run(link, 3, patience, transport -> {
      FlatArrays arrays = arrays(3, 0);
      transport.bind(arrays);
      if (transport.rank() == 0) {
        // Late: it pushes once the other has complained twice.
        told.await();
      }
      transport.push(17, all());
      if (transport.rank() != 2) {
        return 0f;
      }
      try (Contributions contributions = transport.collect(17)) {
        return contributions.of(0).at(1);
      }
    });
    assertThat(outcomes.get(2)).isEqualTo(new WorkerThreads.Outcome<>(2001f, null));
    assertThat(stalls).hasSize(2).allSatisfy(stall -> {
      assertThat(stall.rank()).isEqualTo(2);
      assertThat(stall.step()).isEqualTo(17);
      assertThat(stall.peer()).isZero();
      assertThat(stall.waited().plus(stall.left())).isEqualTo(Duration.ofSeconds(10));
    });
    assertThat(stalls.get(0).waited()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(stalls.get(1).waited()).isGreaterThanOrEqualTo(stalls.get(0).waited().multipliedBy(2));
    assertThat(stalls.get(0).toString()).matches("rank 2, step 17: has waited \\d\\.\\d s for the gradient \\[2000, 3000\\) from rank 0,"
        + " and gives up in \\d\\.\\d s \\(parameter-server\\.deadline\\)");
  }

  @Test
  void whoIsToldOfALongWaitKeepsNobodyElseWaiting() throws Exception {
    CountDownLatch telling = new CountDownLatch(1);
    CountDownLatch published = new CountDownLatch(1);
    Patience patience = new Patience(Duration.ofSeconds(10), stall -> {
      telling.countDown();
      try {
        published.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    List<WorkerThreads.Outcome<Integer>> outcomes = WorkerThreads.run(Link.MEMORY, 2, patience, transport -> {
      transport.bind(arrays(2, 0));
      if (transport.rank() == 1) {
        telling.await();
        transport.publish(3, new FlatRange(1000, 3000));
        published.countDown();
      }
      return transport.exchange(3, "totals", new byte[0]).size();
    });
    assertThat(outcomes).containsOnly(new WorkerThreads.Outcome<>(2, null));
  }

  @Test
  void firstWarningComesAfterATenthOfTheDeadlineButNotAfterHalfAMinute() {
    WorkerGroup.Letter letter = new WorkerGroup.Letter(WorkerGroup.Kind.MESSAGE, 1, 0, 1, "totals");
    assertThat(Patience.logged(Duration.ofMinutes(1)).begin(letter).nanosToSleep()).isBetween(5_000_000_000L, 6_000_000_000L);
    assertThat(Patience.logged(Duration.ofMinutes(10)).begin(letter).nanosToSleep()).isBetween(29_000_000_000L, 30_000_000_000L);
  }

  @Test
  void workerThatNeverCameIsNamed() {
    try (Transport alone = WorkerTransport.inProcess(new Membership(UUID.randomUUID().toString(), 0, 0, 3, SHORT))) {
      alone.bind(arrays(3, 0));
      assertThatThrownBy(() -> alone.pull(4, new FlatRange(2100, 2200))).isInstanceOf(TransportException.class).hasMessage(
          "rank 0, step 4: waited 0.2 s for the updated parameters [2000, 3000) from rank 2, which never joined;"
              + " it may be hung or lost");
    }
  }

  @ParameterizedTest
  @EnumSource(Link.class)
  void failureOfOneEndsTheWaitsOfAllAtOnce(Link link) throws Exception {
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(link, 4, LONG, transport -> {
      if (transport.rank() == 2) {
        throw new ArithmeticException("shard 3 is gone");
      }
      return transport.exchange(5, "totals", new byte[0]);
    });
    for (int rank : new int[] {0, 1, 3}) {
      assertThat(outcomes.get(rank).failure()).isInstanceOf(TransportException.class)
          .hasMessageStartingWith("rank " + rank + ", step 5: ").hasMessageContaining(", but rank ")
          .hasMessageEndingWith("rank 2 failed: java.lang.ArithmeticException: shard 3 is gone");
    }
  }

  @ParameterizedTest
  @EnumSource(Link.class)
  void workerThatLeftIsNotWaitedForButWhatItSentArrives(Link link) throws Exception {
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(link, 3, LONG, transport -> {
      transport.bind(arrays(3, 0));
      if (transport.rank() == 0) {
        transport.publish(1, new FlatRange(0, 1000));
        return null;
      }
      if (transport.rank() == 2) {
        transport.pull(1, new FlatRange(0, 1000));
        transport.pull(2, new FlatRange(0, 1000));
      }
      return null;
    });
    assertThat(outcomes.get(2).failure()).isInstanceOf(TransportException.class).hasMessage(
        "rank 2, step 2: waited for the updated parameters [0, 1000) from rank 0, but that rank has left");
    assertThat(outcomes.get(0).failure()).isNull();
  }

  /** A pause of the machine or of a garbage collector, just when the first worker has finished. */
  @Test
  void workerThatLeavesWaitsUntilTheOthersKnow() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    List<CapturingProxy> wires = new CopyOnWriteArrayList<>();
    SocketSettings settings = WorkerThreads.sockets(new SparkConf(false));
    List<Outcome<float[]>> outcomes = WorkerThreads.run(UUID.randomUUID().toString(), Link.SOCKETS, 3, LONG, rank -> settings, address -> {
      CapturingProxy wire = new CapturingProxy(Integer.parseInt(address.substring("localhost:".length())));
      wires.add(wire);
      return "localhost:" + wire.port();
    }, rank -> WirePrecision.FLOAT32, transport -> {
      FlatArrays arrays = arrays(3, 0);
      transport.bind(arrays);
      transport.exchange(1, "all are there", new byte[0]);
      switch (transport.rank()) {
        case 0 -> wires.forEach(wire -> wire.hold(Duration.ofSeconds(3)));
        case 1 -> {
          assertThat(never.await(3500, TimeUnit.MILLISECONDS)).isFalse();
          transport.publish(1, arrays.slices().get(1));
        }
        default -> transport.pull(1, arrays.slices().get(1));
      }
      return arrays.parameters().toArray();
    });
    for (CapturingProxy wire : wires) {
      wire.close();
    }
    assertThat(WorkerThreads.results(outcomes)).hasSize(3);
  }

  @Test
  void nextAttemptEndsTheOneBefore() {
    String run = UUID.randomUUID().toString();
    Transport old = WorkerTransport.inProcess(new Membership(run, 0, 0, 2, LONG));
    try (Transport next = WorkerTransport.inProcess(new Membership(run, 1, 0, 2, SHORT))) {
      assertThatThrownBy(() -> old.exchange(1, "totals", new byte[0])).isInstanceOf(TransportException.class)
          .hasMessageEndingWith("but attempt 1 of the run has begun");
      assertThatThrownBy(() -> WorkerTransport.inProcess(new Membership(run, 0, 1, 2, LONG))).isInstanceOf(TransportException.class)
          .hasMessage("rank 1: attempt 0 of run " + run + " is over, attempt 1 has begun");
      assertThatThrownBy(() -> WorkerTransport.inProcess(new Membership(run, 1, 0, 2, LONG)))
          .isInstanceOf(IllegalArgumentException.class).hasMessage("rank 0 joins attempt 1 of run " + run + " twice");
      assertThatThrownBy(() -> WorkerTransport.inProcess(new Membership(run, 1, 1, 3, LONG)))
          .isInstanceOf(IllegalArgumentException.class).hasMessage("rank 1 joins run " + run + " with 3 workers, others with 2");
      assertThat(next.workers()).isEqualTo(2);
    }
  }

  @Test
  void interruptedWaitEnds() throws Exception {
    Throwable[] failure = new Throwable[1];
    Thread worker = new Thread(() -> {
      try (Transport transport = WorkerTransport.inProcess(new Membership(UUID.randomUUID().toString(), 0, 0, 2, LONG))) {
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
  void rejectsWhatDoesNotFit() {
    assertThatThrownBy(() -> new Membership("run", 0, 2, 2, SHORT)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid rank: 2 (must be 0 to workers - 1, workers=2)");
    assertThatThrownBy(() -> new FlatArrays(List.of(new FlatRange(0, 4), new FlatRange(5, 8)), FloatRegion.allocate(8),
        FloatRegion.allocate(8))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Slices must follow one another: [[0, 4), [5, 8)]");
    assertThatThrownBy(() -> new FlatArrays(List.of(new FlatRange(0, 4)), FloatRegion.allocate(4), FloatRegion.allocate(5)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("The slices hold 4 elements, the parameters 4, the gradient 5");
    try (Transport transport = WorkerTransport.inProcess(new Membership(UUID.randomUUID().toString(), 0, 0, 2, SHORT))) {
      assertThatThrownBy(() -> transport.bind(arrays(3, 0))).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rank 0: 3 slices for 2 workers; every worker needs one");
      transport.bind(arrays(2, 0));
      assertThatThrownBy(() -> transport.bind(arrays(2, 0))).isInstanceOf(IllegalStateException.class)
          .hasMessage("rank 0: bind was called twice");
    }
  }
}
