package io.sparkformer.jobs.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.jobs.transport.WorkerThreads.Link;
import io.sparkformer.jobs.transport.WorkerThreads.Outcome;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TransportSecurityTest {
  private static final int LENGTH = 30_000;
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir
  private Path folder;

  @Test
  void workersWithTheSecretTalk() throws Exception {
    SparkConf conf = secret("open sesame");
    assertThat(WorkerThreads.results(exchange(rank -> conf, line -> line))).allSatisfy(TransportSecurityTest::assertParameters);
  }

  @Test
  void workerWithoutTheSecretIsRefused() throws Exception {
    List<Outcome<float[]>> outcomes = exchange(rank -> rank == 0 ? secret("open sesame") : secret("open barley"), line -> line);
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.failure()).isInstanceOf(TransportException.class)
        .hasMessageMatching("(?s)rank \\d: cannot connect to rank \\d at localhost:\\d+: .*"));
  }

  @Test
  void workerThatDoesNotAuthenticateGetsNothing() throws Exception {
    SparkConf none = new SparkConf(false);
    SparkConf conf = secret("open sesame");
    List<Outcome<float[]>> outcomes = exchange(rank -> rank == 0 ? conf : none, line -> line);
    assertThat(outcomes.get(0).failure()).isInstanceOf(TransportException.class)
        .hasMessageMatching("rank 0: cannot connect to rank 1 at localhost:\\d+: .*");
    assertThat(outcomes.get(1).result()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "",
      "spark.network.crypto.enabled=true",
      "spark.authenticate.enableSaslEncryption=true",
      "tls"
  })
  void listenerReadsParametersOnlyWhereNothingIsEncrypted(String encryption) throws Exception {
    SparkConf conf = encryption.equals("tls") ? TlsKeys.create(folder).settings() : secret("open sesame");
    for (String setting : encryption.contains("=") ? encryption.split(" ") : new String[0]) {
      conf.set(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
    }
    List<CapturingProxy> proxies = new CopyOnWriteArrayList<>();
    List<Outcome<float[]>> outcomes = exchange(rank -> conf, address -> {
      CapturingProxy proxy = new CapturingProxy(Integer.parseInt(address.substring("localhost:".length())));
      proxies.add(proxy);
      return "localhost:" + proxy.port();
    });
    assertThat(WorkerThreads.results(outcomes)).allSatisfy(TransportSecurityTest::assertParameters);
    int found = 0;
    int bytes = 0;
    for (CapturingProxy proxy : proxies) {
      for (byte[] capture : proxy.captured()) {
        bytes += capture.length;
        found += runsOfParameters(capture);
      }
      proxy.close();
    }
    assertThat(bytes).isGreaterThan(LENGTH * Float.BYTES);
    if (encryption.isEmpty()) {
      assertThat(found).isEqualTo(2);
    } else {
      assertThat(found).isZero();
    }
  }

  @Test
  void theCipherThatSparkBreaksIsRefused() {
    SparkConf conf = secret("open sesame").set("spark.network.crypto.enabled", "true")
        .set("spark.network.crypto.cipher", "AES/GCM/NoPadding");
    assertThatThrownBy(() -> WorkerThreads.sockets(conf)).isInstanceOf(IllegalArgumentException.class).hasMessage(
        "spark.network.crypto.cipher is AES/GCM/NoPadding, with which Spark 4.1.0 decrypts only the first message of a connection"
            + " (SPARK-56227), and workers would wait for ever; leave it out or set it to AES/CTR/NoPadding, or set"
            + " spark.network.crypto.enabled=false and spark.ssl.rpc.enabled=true");
    assertThatCode(() -> WorkerThreads.sockets(conf.clone().set("spark.network.crypto.cipher", "AES/CTR/NoPadding")))
        .doesNotThrowAnyException();
    assertThatCode(() -> WorkerThreads.sockets(conf.clone().set("spark.network.crypto.enabled", "false"))).doesNotThrowAnyException();
    assertThatCode(() -> WorkerThreads.sockets(conf.clone().set("spark.authenticate", "false"))).doesNotThrowAnyException();
  }

  @Test
  void aRunOfSeveralProcessesWithTheCipherThatSparkBreaksEndsAtItsStart() throws Exception {
    SparkConf conf = secret("open sesame").set("spark.network.crypto.enabled", "true")
        .set("spark.network.crypto.cipher", "AES/GCM/NoPadding");
    assertThat(exchange(rank -> conf, line -> line)).anySatisfy(outcome -> assertThat(outcome.failure())
        .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("spark.network.crypto.cipher is AES/GCM/NoPadding"));
  }

  /** Two workers give each other the parameters of their slices. */
  private static List<Outcome<float[]>> exchange(IntFunction<SparkConf> conf,
      UnaryOperator<String> route) throws InterruptedException {
    return WorkerThreads.run(UUID.randomUUID().toString(), Link.SOCKETS, 2, DEADLINE, rank -> WorkerThreads.sockets(conf.apply(rank)),
        route, rank -> WirePrecision.FLOAT32, transport -> {
          FloatRegion parameters = FloatRegion.allocate(LENGTH);
          List<FlatRange> slices = List.of(new FlatRange(0, LENGTH / 2), new FlatRange(LENGTH / 2, LENGTH));
          transport.bind(new FlatArrays(slices, parameters, FloatRegion.allocate(LENGTH)));
          FlatRange own = slices.get(transport.rank());
          float[] values = Arrays.copyOfRange(parameters(), (int) own.from(), (int) own.to());
          parameters.write(own.from(), values, values.length);
          transport.exchange(1, "start", new byte[0]);
          transport.publish(1, own);
          transport.pull(1, new FlatRange(0, LENGTH));
          return parameters.toArray();
        });
  }

  private static void assertParameters(float[] found) {
    assertThat(found).isEqualTo(parameters());
  }

  private static float[] parameters() {
    SplittableRandom random = new SplittableRandom(5);
    float[] values = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }

  /** How many slices of the parameters show themselves by 16 bytes in a row. */
  private static int runsOfParameters(byte[] capture) {
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH * Float.BYTES).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(parameters());
    int slices = 0;
    for (int slice = 0; slice < 2; slice++) {
      boolean found = false;
      // One run out of every chunk.
      for (int from = slice * bytes.capacity() / 2; from < (slice + 1) * bytes.capacity() / 2 - 16 && !found; from += 1000) {
        found = indexOf(capture, Arrays.copyOfRange(bytes.array(), from, from + 16)) >= 0;
      }
      slices += found ? 1 : 0;
    }
    return slices;
  }

  private static int indexOf(byte[] text, byte[] run) {
    for (int i = 0; i <= text.length - run.length; i++) {
      if (text[i] == run[0] && Arrays.equals(text, i, i + run.length, run, 0, run.length)) {
        return i;
      }
    }
    return -1;
  }

  private static SparkConf secret(String secret) {
    return new SparkConf(false).set("spark.authenticate", "true").set("spark.authenticate.secret", secret);
  }
}
