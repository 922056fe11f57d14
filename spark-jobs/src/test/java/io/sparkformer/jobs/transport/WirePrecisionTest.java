package io.sparkformer.jobs.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.jobs.parameterserver.ParameterServer;
import io.sparkformer.jobs.parameterserver.UpdateSettings;
import io.sparkformer.jobs.transport.FrameHeader.Kind;
import io.sparkformer.jobs.transport.WorkerThreads.Link;
import io.sparkformer.jobs.transport.WorkerThreads.Outcome;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training with bfloat16 on the wire, against a plain computation of the same and against float32. */
@Timeout(120)
class WirePrecisionTest {
  private static final int STEPS = 6;
  private static final int TOKENS = 10;
  private static final double RATE = 0.01;
  private static final AdamSettings ADAM = new AdamSettings(0.9, 0.98, 1e-9);
  private static final UpdateSettings UPDATES = new UpdateSettings(ADAM, new LearningRateSchedule.Constant(RATE, 0), 0, 1);
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private static float[] gradient(long step, int rank, int length) {
    SplittableRandom random = new SplittableRandom(step * 100 + rank);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (random.nextDouble(-1, 1) * Math.pow(10, random.nextInt(6) - 4));
    }
    return values;
  }

  /** No sum of these is smaller than its summands. */
  private static float[] positiveGradient(long step, int rank, int length) {
    float[] values = gradient(step, rank, length);
    for (int i = 0; i < length; i++) {
      values[i] = Math.abs(values[i]);
    }
    return values;
  }

  private interface Gradients {
    float[] of(long step, int rank, int length);
  }

  private static float[] train(Transport transport, int length, Gradients gradients) {
    FloatRegion parameters = FloatRegion.copyOf(gradient(0, 0, length));
    FloatRegion gradient = FloatRegion.allocate(length);
    try (ParallelBlocks blocks = new ParallelBlocks(1 + transport.rank() % 2)) {
      ParameterServer server = new ParameterServer(transport, parameters, gradient, UPDATES, blocks);
      for (long step = 1; step <= STEPS; step++) {
        gradient.write(0, gradients.of(step, transport.rank(), length), length);
        server.push(step, new FlatRange(length / 3, length / 2));
        server.step(step, 1, transport.rank() == 0 ? TOKENS : 0);
      }
      server.requireSameParameters(STEPS);
    }
    return parameters.toArray();
  }

  private static List<float[]> train(Link link, int workers, int length, WirePrecision precision) throws InterruptedException {
    SocketSettings small = WorkerThreads.sockets(new SparkConf(false));
    // Of long arrays, a chunk holds more than a tile of the receiver.
    SocketSettings sockets = length < 100_000 ? small
        : new SocketSettings(small.conf(), small.security(), "localhost", 1, 1 << 20, 8 << 20, List.of());
    return WorkerThreads.results(WorkerThreads.run(UUID.randomUUID().toString(), link, workers, DEADLINE, rank -> sockets, line -> line,
        rank -> precision, transport -> train(transport, length, WirePrecisionTest::gradient)));
  }

  private static float rounded(float value) {
    int bits = Float.floatToRawIntBits(value);
    int cut = bits & 0xFFFF;
    int kept = bits >>> 16;
    return Float.intBitsToFloat((cut > 0x8000 || cut == 0x8000 && (kept & 1) == 1 ? kept + 1 : kept) << 16);
  }

  /** What the workers compute together, by one optimizer over all parameters. */
  private static float[] expected(int workers, int length) {
    float[] parameters = gradient(0, 0, length);
    Adam adam = new Adam(ADAM, new FlatRange(0, length), new ParallelBlocks(1));
    for (long step = 1; step <= STEPS; step++) {
      float[] sum = new float[length];
      for (int rank = 0; rank < workers; rank++) {
        float[] contribution = gradient(step, rank, length);
        for (int i = 0; i < length; i++) {
          sum[i] = rank == 0 ? rounded(contribution[i]) : sum[i] + rounded(contribution[i]);
        }
      }
      FloatRegion updated = FloatRegion.copyOf(parameters);
      adam.update(updated, FloatRegion.copyOf(sum), 1.0 / TOKENS, RATE);
      for (int i = 0; i < length; i++) {
        parameters[i] += rounded(updated.at(i) - parameters[i]);
      }
    }
    return parameters;
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, 2, 1000", "SOCKETS, 2, 1000", "MEMORY, 3, 70001", "SOCKETS, 3, 70001", "PAIRS, 3, 70001", "PAIRS, 4, 17",
      "SOCKETS, 2, 700001", "PAIRS, 8, 100"})
  void whereverTheWorkersAreTheyGetTheBitsOfAPlainComputation(Link link, int workers, int length) throws Exception {
    float[] expected = expected(workers, length);
    assertThat(train(link, workers, length, WirePrecision.BFLOAT16)).allSatisfy(parameters -> assertThat(parameters).isEqualTo(expected));
  }

  @Test
  void aLoneWorkerRoundsNothing() throws Exception {
    float[] exact = train(Link.MEMORY, 1, 1000, WirePrecision.FLOAT32).get(0);
    assertThat(train(Link.MEMORY, 1, 1000, WirePrecision.BFLOAT16).get(0)).isEqualTo(exact);
  }

  @Test
  void parametersDifferFromThoseOfFloat32ByNoMoreThanRoundingAllows() throws Exception {
    List<List<float[]>> results = new ArrayList<>();
    for (WirePrecision precision : WirePrecision.values()) {
      results.add(WorkerThreads.results(Link.SOCKETS, precision, 2,
          transport -> train(transport, 5000, WirePrecisionTest::positiveGradient)));
    }
    float[] before = gradient(0, 0, 5000);
    int different = 0;
    for (int i = 0; i < before.length; i++) {
      float exact = results.get(0).get(0)[i];
      float rounded = results.get(1).get(0)[i];
      // Rounding to 8 bits changes a value by 2^-9 of it at most: in Adam's mean, in its root of squares, and in the change they make.
      assertThat(Math.abs((double) rounded - exact)).isLessThan(3.1 * Math.pow(2, -9) * Math.abs((double) exact - before[i]));
      different += rounded == exact ? 0 : 1;
    }
    assertThat(different).isGreaterThan(before.length / 2);
  }

  @ParameterizedTest
  @CsvSource({"SOCKETS, 2", "SOCKETS, 3"})
  void halfTheBytesLeaveEveryWorker(Link link, int workers) throws Exception {
    int length = 48_000;
    long[][] counted = new long[2][workers];
    long[] seen = new long[2];
    for (WirePrecision precision : WirePrecision.values()) {
      List<CapturingProxy> wires = new CopyOnWriteArrayList<>();
      SocketSettings sockets = WorkerThreads.sockets(new SparkConf(false));
      WorkerThreads.results(WorkerThreads.run(UUID.randomUUID().toString(), link, workers, DEADLINE, rank -> sockets, address -> {
        CapturingProxy wire = new CapturingProxy(Integer.parseInt(address.substring("localhost:".length())));
        wires.add(wire);
        return "localhost:" + wire.port();
      }, rank -> precision, transport -> {
        train(transport, length, WirePrecisionTest::gradient);
        Traffic traffic = ((WorkerTransport) transport).traffic();
        assertThat(traffic.receivedBytes()).isEqualTo(traffic.sentBytes());
        counted[precision.ordinal()][transport.rank()] = traffic.sentBytes();
        return null;
      }));
      for (CapturingProxy wire : wires) {
        seen[precision.ordinal()] += wire.captured().stream().mapToLong(bytes -> bytes.length).sum();
        wire.close();
      }
    }
    for (int rank = 0; rank < workers; rank++) {
      assertThat(counted[0][rank]).isEqualTo(2L * STEPS * length * (workers - 1) / workers * Float.BYTES);
      assertThat(counted[1][rank]).isEqualTo(counted[0][rank] / 2);
    }
    // Less the headers of chunks, of which there are half as many.
    assertThat((double) seen[1] / seen[0]).isCloseTo(0.5, within(0.01));
  }

  @Test
  void learningGoesAsFarAsWithFloat32() throws Exception {
    // From 0.2, where they begin.
    assertThat(distance(WirePrecision.FLOAT32)).isLessThan(1e-4);
    assertThat(distance(WirePrecision.BFLOAT16)).isLessThan(1e-4);
  }

  /** Three workers, each with its own error, walk to the middle of where they want to be; returns how far they stay from it. */
  private static double distance(WirePrecision precision) throws InterruptedException {
    int length = 500;
    float[] goal = gradient(77, 0, length);
    return WorkerThreads.results(Link.SOCKETS, precision, 3, transport -> {
      FloatRegion parameters = FloatRegion.allocate(length);
      FloatRegion gradient = FloatRegion.allocate(length);
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        UpdateSettings updates = new UpdateSettings(ADAM, new LearningRateSchedule.Linear(0.05, 10, 600), 1, 1);
        ParameterServer server = new ParameterServer(transport, parameters, gradient, updates, blocks);
        for (long step = 1; step < 600; step++) {
          float[] values = parameters.toArray();
          for (int i = 0; i < length; i++) {
            values[i] -= goal[i] + 0.1f * (transport.rank() - 1);
          }
          gradient.write(0, values, length);
          server.step(step, 1, 1);
        }
      }
      double squares = 0;
      for (int i = 0; i < length; i++) {
        squares += Math.pow(parameters.at(i) - goal[i], 2);
      }
      return Math.sqrt(squares / length);
    }).get(0);
  }

  @ParameterizedTest
  @CsvSource({"MEMORY", "SOCKETS"})
  void workersOfDifferentPrecisionDoNotMeet(Link link) throws Exception {
    SocketSettings sockets = WorkerThreads.sockets(new SparkConf(false));
    List<Outcome<Object>> outcomes = WorkerThreads.run(UUID.randomUUID().toString(), link, 2, DEADLINE, rank -> sockets, line -> line,
        rank -> WirePrecision.values()[rank], transport -> null);
    assertThat(outcomes.get(0).failure()).isInstanceOf(IllegalStateException.class).hasMessage(
        "rank 0 has float32 on the wire, but rank 1 bfloat16; all workers must have the same parameter-server.wire-precision");
    assertThat(outcomes.get(1).failure()).isInstanceOf(IllegalStateException.class).hasMessage(
        "rank 1 has bfloat16 on the wire, but rank 0 float32; all workers must have the same parameter-server.wire-precision");
  }

  @Test
  void threadsOfDifferentPrecisionDoNotShareAGroup() {
    String run = UUID.randomUUID().toString();
    try (Transport first = WorkerTransport.inProcess(new Membership(run, 0, 0, 2, DEADLINE))) {
      assertThat(first.precision()).isEqualTo(WirePrecision.FLOAT32);
      assertThatThrownBy(() -> WorkerTransport.inProcess(new Membership(run, 0, 1, 2, DEADLINE, WirePrecision.BFLOAT16)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rank 1 joins run " + run + " with bfloat16 on the wire, others with float32");
    }
  }

  @Test
  void aChunkOfAnotherPrecisionIsMalformed() {
    UUID run = UUID.randomUUID();
    for (WirePrecision precision : WirePrecision.values()) {
      Membership receiver = new Membership("run", 0, 0, 2, DEADLINE, precision);
      for (WirePrecision sent : WirePrecision.values()) {
        FrameHeader header = FrameHeader.decode(new FrameHeader(Kind.GRADIENT, run, 0, 1, 0, 1, new FlatRange(5, 8), 3 * sent.bytes())
            .encode());
        if (sent == precision) {
          header.requireFor(run, receiver);
        } else {
          assertThatThrownBy(() -> header.requireFor(run, receiver)).isInstanceOf(MalformedFrameException.class)
              .hasMessage("GRADIENT of " + 3 * sent.bytes() + " bytes for elements [5, 8), each a " + precision);
        }
      }
      FrameHeader torn = new FrameHeader(Kind.PARAMETERS, run, 0, 1, 0, 1, new FlatRange(5, 8), 3 * precision.bytes() + 1);
      assertThatThrownBy(() -> torn.requireFor(run, receiver)).isInstanceOf(MalformedFrameException.class);
    }
  }

  @Test
  void boundMemoryMustHoldTheChangesThatArePublished() {
    try (Transport transport = WorkerTransport.inProcess(
        new Membership(UUID.randomUUID().toString(), 0, 0, 2, DEADLINE, WirePrecision.BFLOAT16))) {
      List<FlatRange> slices = List.of(new FlatRange(0, 4), new FlatRange(4, 8));
      assertThatThrownBy(() -> transport.bind(new FlatArrays(slices, FloatRegion.allocate(8), FloatRegion.allocate(8))))
          .isInstanceOf(IllegalArgumentException.class).hasMessage("rank 0: 0 changes for a slice of 4 parameters");
    }
    assertThatThrownBy(() -> WirePrecision.parse("half")).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid wire precision: half (must be float32 or bfloat16)");
  }
}
