package io.sparkformer.jobs.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import io.sparkformer.jobs.parameterserver.ParameterServer;
import io.sparkformer.jobs.parameterserver.UpdateSettings;
import io.sparkformer.jobs.transport.WorkerThreads.Link;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.network.util.NettyUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(600)
class MalformedFramesTest {
  private static final int MOST_FRAMES = Integer.getInteger("sparkformer.malformed.frames", 100_000);
  private static final int ATTACKERS = 2;
  private static final int LENGTH = 5000;
  private static final long WARM_UP_STEPS = 20;
  private static final long MOST_STEPS = 1_000_000;

  private final List<String> leaks = new CopyOnWriteArrayList<>();
  private final ResourceLeakDetector.Level usual = ResourceLeakDetector.getLevel();

  private record End(float[] parameters, long steps) { }

  @BeforeEach
  void watchForLeaks() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + records));
  }

  @AfterEach
  void watchNoMore() {
    ByteBufUtil.setLeakListener(null);
    ResourceLeakDetector.setLevel(usual);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 1", "BFLOAT16, 10"})
  void manyMalformedFramesChangeNothingAndLeakNothingWhileTheWorkersTrain(WirePrecision precision, int fewer) throws Exception {
    int frames = MOST_FRAMES / fewer;
    List<Integer> ports = new CopyOnWriteArrayList<>();
    List<CapturingProxy> wires = new CopyOnWriteArrayList<>();
    SocketSettings settings = WorkerThreads.sockets(new SparkConf(false));
    ExecutorService attackers = Executors.newFixedThreadPool(ATTACKERS);
    List<Future<Integer>> attacks = new ArrayList<>();
    AtomicInteger answered = new AtomicInteger();
    List<WorkerThreads.Outcome<End>> outcomes = WorkerThreads.run(UUID.randomUUID().toString(), Link.SOCKETS, 2, Duration.ofSeconds(60),
        rank -> settings, address -> {
          int port = Integer.parseInt(address.substring("localhost:".length()));
          ports.add(port);
          CapturingProxy wire = new CapturingProxy(port);
          wires.add(wire);
          return "localhost:" + wire.port();
        }, rank -> precision, transport -> train(transport, step -> {
          if (step == WARM_UP_STEPS && transport.rank() == 0) {
            List<byte[]> real = new ArrayList<>();
            wires.forEach(wire -> wire.captured().forEach(sent -> real.addAll(MalformedFrames.cut(sent))));
            for (int i = 0; i < ATTACKERS; i++) {
              attacks.add(attackers.submit(attack(i, frames, real, ports, answered)));
            }
          }
          // Over when all frames are sent and only the workers' own two connections are left.
          return step < WARM_UP_STEPS || !attacks.stream().allMatch(Future::isDone)
              || ((WorkerTransport) transport).connections() > 2;
        }));
    attackers.shutdown();
    for (CapturingProxy wire : wires) {
      wire.close();
    }
    List<End> ends = WorkerThreads.results(outcomes);
    int sent = 0;
    for (Future<Integer> attack : attacks) {
      sent += attack.get();
    }
    assertThat(sent).isEqualTo(frames / ATTACKERS * ATTACKERS);
    assertThat(answered).hasValue(0);
    long steps = ends.get(0).steps;
    assertThat(steps).isBetween(WARM_UP_STEPS, MOST_STEPS - 1);
    List<End> undisturbed = WorkerThreads.results(Link.MEMORY, precision, 2,
        transport -> train(transport, step -> step < steps));
    assertThat(ends).allSatisfy(end -> assertThat(end.parameters).isEqualTo(undisturbed.get(0).parameters));
    assertNoLeaks();
  }

  private interface More {
    boolean after(long step);
  }

  private static End train(Transport transport, More more) {
    FloatRegion parameters = FloatRegion.allocate(LENGTH);
    FloatRegion gradient = FloatRegion.allocate(LENGTH);
    UpdateSettings updates = new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9), new LearningRateSchedule.Constant(1e-3, 0), 1, 1);
    try (ParallelBlocks blocks = new ParallelBlocks(1)) {
      ParameterServer server = new ParameterServer(transport, parameters, gradient, updates, blocks);
      float[] values = new float[LENGTH];
      long step = 0;
      boolean goesOn = true;
      while (goesOn && step < MOST_STEPS) {
        step++;
        for (int i = 0; i < LENGTH; i++) {
          values[i] = (float) Math.sin(step + i * (transport.rank() + 1));
        }
        gradient.write(0, values, LENGTH);
        server.step(step, 1, 10);
        goesOn = transport.decide(step, "more", new byte[] {(byte) (more.after(step) ? 1 : 0)})[0] == 1;
      }
      return new End(parameters.toArray(), step);
    }
  }

  private static Callable<Integer> attack(int seed, int count, List<byte[]> real, List<Integer> ports, AtomicInteger answered) {
    return () -> {
      MalformedFrames frames = new MalformedFrames(seed, real);
      int sent = 0;
      while (sent < count / ATTACKERS) {
        if (MalformedFrames.send(ports.get(sent % ports.size()), frames.next()).length > 0) {
          answered.incrementAndGet();
        }
        sent++;
      }
      return sent;
    };
  }

  /** Leaks show when the collector has found the buffers and another one is made. */
  private void assertNoLeaks() {
    for (int i = 0; i < 5; i++) {
      System.gc();
      for (int j = 0; j < 100; j++) {
        NettyUtils.getSharedPooledByteBufAllocator(true, true).directBuffer(100).release();
      }
    }
    assertThat(leaks).isEmpty();
    long direct = NettyUtils.getSharedPooledByteBufAllocator(true, true).metric().usedDirectMemory();
    // A frame is read into a buffer of at least a kilobyte: what is lost with some thousands of them would show.
    assertThat(direct).isLessThan(100L << 20);
  }
}
