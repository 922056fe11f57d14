package io.sparkformer.jobs.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.netty.SparkTransportConf;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.TransportConf;
import scala.Option;

/**
 * How workers of different JVMs communicate: by Spark's own transport, with the authentication and encryption of Spark's block transfer
 * ({@code spark.authenticate}, {@code spark.network.crypto.*}, {@code spark.authenticate.enableSaslEncryption},
 * {@code spark.ssl.rpc.*}); {@code spark.sparkformer.io.*} tunes it as {@code spark.shuffle.io.*} tunes that.
 *
 * <p>{@code spark.network.crypto.cipher=AES/GCM/NoPadding} does not work in Spark 4.1.0, which decrypts only the first message of a
 * connection (SPARK-56227): workers would wait for each other until the deadline, so it is refused. The default, AES/CTR/NoPadding, and TLS
 * work.
 *
 * @param conf Spark's settings
 * @param security Spark's secrets and keys
 * @param host name or address under which the other workers find this one; connections are accepted there
 * @param threads of network input and output, each way
 * @param chunkBytes size of a chunk
 * @param bytesInFlight how many bytes may be on the way to one worker, unacknowledged
 * @param onConnect what is done with every connection that this worker opens, before Spark's handshake
 */
public record SocketSettings(SparkConf conf, SecurityManager security, String host, int threads, int chunkBytes, long bytesInFlight,
    List<TransportClientBootstrap> onConnect) {
  private static final String BROKEN_CIPHER = "AES/GCM/NoPadding";
  private static final String MODULE = "sparkformer";
  private static final int CHUNK_BYTES = 4 << 20;
  private static final long BYTES_IN_FLIGHT = 16 << 20;
  private static final int MAX_THREADS = 4;

  /** @throws IllegalArgumentException when a chunk is empty, larger than a frame may be, or no whole floats; when the cipher is broken */
  public SocketSettings {
    onConnect = List.copyOf(onConnect);
    if (chunkBytes < Float.BYTES || chunkBytes > FrameHeader.MAX_CHUNK_BYTES || chunkBytes % Float.BYTES != 0) {
      throw new IllegalArgumentException("Invalid chunk size: " + chunkBytes + " bytes (must be a multiple of 4, at most "
          + FrameHeader.MAX_CHUNK_BYTES + ")");
    }
    if (security.isAuthenticationEnabled() && conf.getBoolean("spark.network.crypto.enabled", false)
        && conf.get("spark.network.crypto.cipher", "").equals(BROKEN_CIPHER)) {
      throw new IllegalArgumentException("spark.network.crypto.cipher is " + BROKEN_CIPHER + ", with which Spark 4.1.0 decrypts only the"
          + " first message of a connection (SPARK-56227), and workers would wait for ever; leave it out or set it to AES/CTR/NoPadding,"
          + " or set spark.network.crypto.enabled=false and spark.ssl.rpc.enabled=true");
    }
  }

  /** The settings of the executor, or driver, that this code runs in. */
  public static SocketSettings of(SparkEnv environment, int cores) {
    return of(environment.conf(), environment.securityManager(), environment.blockManager().blockManagerId().host(), cores);
  }

  /** Settings where there is no Spark application. */
  public static SocketSettings of(SparkConf conf, SecurityManager security, String host, int cores) {
    return new SocketSettings(conf, security, host, Math.max(1, Math.min(MAX_THREADS, cores)), CHUNK_BYTES, BYTES_IN_FLIGHT, List.of());
  }

  /** These settings with an additional action for every opened connection. */
  public SocketSettings with(TransportClientBootstrap bootstrap) {
    List<TransportClientBootstrap> all = new ArrayList<>(onConnect);
    all.add(bootstrap);
    return new SocketSettings(conf, security, host, threads, chunkBytes, bytesInFlight, all);
  }

  /** @param deadline a connection without traffic for longer, while a response is outstanding, is closed */
  TransportConf transport(Duration deadline) {
    SparkConf own = conf.clone();
    own.setIfMissing("spark." + MODULE + ".io.connectionTimeout", Math.max(1, deadline.toSeconds()) + "s");
    return SparkTransportConf.fromSparkConf(own, MODULE, threads, Option.empty(), Option.apply(security.getRpcSSLOptions()));
  }

  List<TransportClientBootstrap> clientBootstraps(TransportConf transport) {
    List<TransportClientBootstrap> bootstraps = new ArrayList<>(onConnect);
    if (security.isAuthenticationEnabled()) {
      bootstraps.add(new AuthClientBootstrap(transport, conf.getAppId(), security));
    }
    return bootstraps;
  }

  List<TransportServerBootstrap> serverBootstraps(TransportConf transport) {
    return security.isAuthenticationEnabled() ? List.of(new AuthServerBootstrap(transport, security)) : List.of();
  }
}
