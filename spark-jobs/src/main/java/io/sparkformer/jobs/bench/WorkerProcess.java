package io.sparkformer.jobs.bench;

import io.netty.handler.traffic.ChannelTrafficShapingHandler;
import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.SocketSettings;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.jobs.transport.WorkerTransport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;

/**
 * A worker in a process of its own. It finds the others through the process that started it: a line of its own to standard output, and the
 * lines
 * of all, separated by tabs, from standard input; its result is the last line.
 */
final class WorkerProcess {
  /** Averages and updates: parameters, steps. */
  static final String SYNC = "sync";
  /** Trains a network: d_model, layers, vocabulary, sentences, steps. */
  static final String TRAIN = "train";

  private static final int FIRST_SIZE = 6;
  private static final long SHAPER_INTERVAL_MILLIS = 20;

  private WorkerProcess() {}

  /** Arguments: run, rank, workers, bits per second of a connection or 0 for no limit, wire precision, then what to run, and its sizes. */
  public static void main(String[] args) {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Membership worker = new Membership(args[0], 0, Integer.parseInt(args[1]), Integer.parseInt(args[2]), Duration.ofMinutes(2),
        WirePrecision.parse(args[4]));
    SocketSettings sockets = sockets(Double.parseDouble(args[3]) / Byte.SIZE);
    try (WorkerTransport transport = WorkerTransport.join(worker, own -> gather(own, in), () -> sockets)) {
      int[] sizes = Arrays.stream(args).skip(FIRST_SIZE).mapToInt(Integer::parseInt).toArray();
      SyncTimes times = args[FIRST_SIZE - 1].equals(SYNC) ? SyncWorker.run(transport, sizes[0], sizes[1])
          : OverlapWorker.run(transport, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
      System.out.println(times.toLine());
    }
  }

  private static String[] gather(String own, BufferedReader in) {
    System.out.println(own);
    try {
      return in.readLine().split("\t");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SocketSettings sockets(double bytesPerSecond) {
    SparkConf conf = new SparkConf(false).set("spark.app.id", "bench");
    SecurityManager security = new SecurityManager(conf, SecurityManager.$lessinit$greater$default$2(),
        SecurityManager.$lessinit$greater$default$3());
    SocketSettings sockets = SocketSettings.of(conf, security, "localhost", 1);
    return bytesPerSecond == 0 ? sockets : sockets.with((client, channel) -> channel.pipeline()
        .addFirst(new ChannelTrafficShapingHandler((long) bytesPerSecond, 0, SHAPER_INTERVAL_MILLIS)));
  }
}
