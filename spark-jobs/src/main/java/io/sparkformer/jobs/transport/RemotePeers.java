package io.sparkformer.jobs.transport;

import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.sparkformer.jobs.transport.FrameHeader.Kind;
import io.sparkformer.model.memory.FlatRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.util.TransportConf;

/** One worker's side of its connections to the workers of other JVMs: it accepts one from each, and opens one to each. */
final class RemotePeers implements AutoCloseable {
  private static final long CLOSING_SECONDS = 10;

  private final Membership worker;
  private final WorkerGroup group;
  private final SocketSettings settings;
  private final UUID run;
  private final Incoming[] incoming;
  private final Outbox[] outboxes;
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final TransportContext context;
  private final TransportServer server;
  private final TransportClientFactory clients;
  private FlatArrays arrays;

  /** Accepts connections from now on. */
  RemotePeers(Membership worker, WorkerGroup group, SocketSettings settings) {
    this.worker = worker;
    this.group = group;
    this.settings = settings;
    this.run = UUID.nameUUIDFromBytes(worker.run().getBytes(StandardCharsets.UTF_8));
    this.incoming = new Incoming[worker.workers()];
    Arrays.setAll(incoming, rank -> new Incoming(rank, worker.precision()));
    this.outboxes = new Outbox[worker.workers()];
    TransportConf transport = settings.transport(worker.deadline());
    this.context = new TransportContext(transport, new Receiver(worker, run, group, incoming, channels, this::openOutboxes));
    this.clients = context.createClientFactory(settings.clientBootstraps(transport));
    this.server = context.createServer(settings.host(), 0, settings.serverBootstraps(transport));
  }

  /** The address at which this worker accepts connections. */
  String address() {
    return settings.host() + ":" + server.getPort();
  }

  /** Opens the connection to a worker. */
  void connect(int rank, String address) {
    int colon = address.lastIndexOf(':');
    try {
      Outbox outbox = new Outbox(worker, run, rank, clients.createUnmanagedClient(address.substring(0, colon),
          Integer.parseInt(address.substring(colon + 1))), group, settings);
      synchronized (this) {
        outboxes[rank] = outbox;
      }
      group.enterRemote(rank);
      openOutboxes();
    } catch (IOException | RuntimeException e) {
      throw new TransportException("rank " + worker.rank() + ": cannot connect to rank " + rank + " at " + address + ": "
          + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransportException("rank " + worker.rank() + ": interrupted while it connected to rank " + rank + " at " + address, e);
    }
  }

  boolean has(int rank) {
    return outboxes[rank] != null;
  }

  Incoming from(int rank) {
    return incoming[rank];
  }

  Outbox to(int rank) {
    return outboxes[rank];
  }

  void bind(FlatArrays bound) {
    for (int rank = 0; rank < outboxes.length; rank++) {
      if (has(rank)) {
        incoming[rank].bind(bound, worker.rank());
      }
    }
    arrays = bound;
    all().forEach(outbox -> outbox.message(Kind.READY, 0, bound.slice(worker.rank()), new byte[0]));
  }

  /** Tells the workers that this worker has bound its memory, so that they may send chunks. */
  private synchronized void openOutboxes() {
    for (int rank = 0; rank < outboxes.length; rank++) {
      if (outboxes[rank] != null && incoming[rank].isReady()) {
        outboxes[rank].open();
      }
    }
  }

  /** Sends a range of the gradient to its owner. */
  void push(long step, int owner, FlatRange range) {
    send(Kind.GRADIENT, step, owner, range, worker.precision().pack(arrays.gradient().slice(range)));
  }

  /** Sends a range of the own slice to a worker: the parameters, or their changes. */
  void publish(long step, int to, FlatRange range) {
    long begin = arrays.slice(worker.rank()).from();
    send(Kind.PARAMETERS, step, to, range, worker.precision() == WirePrecision.FLOAT32 ? arrays.parameters().slice(range).buffers()
        : arrays.changes().buffers(range.from() - begin, range.to() - begin));
  }

  private void send(Kind kind, long step, int to, FlatRange range, List<ByteBuffer> elements) {
    outboxes[to].send(new Parcel(kind, step, range, elements, worker.precision(), settings.chunkBytes()));
  }

  /** Sends a message to all. */
  void message(Kind kind, long step, byte[] body) {
    if (body.length > FrameHeader.MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException("A message of " + body.length + " bytes is too long (must be at most "
          + FrameHeader.MAX_MESSAGE_BYTES + ")");
    }
    all().forEach(outbox -> outbox.message(kind, step, FrameHeader.NOTHING, body));
  }

  /** Tells the remaining workers that nothing more will be sent. */
  void leave() {
    for (int rank = 0; rank < outboxes.length; rank++) {
      if (has(rank) && !group.hasLeft(rank)) {
        outboxes[rank].message(Kind.LEAVE, 0, FrameHeader.NOTHING, new byte[0]);
      }
    }
  }

  int connections() {
    return channels.size();
  }

  private Stream<Outbox> all() {
    return Arrays.stream(outboxes).filter(Objects::nonNull);
  }

  /** Whether all remaining workers have received everything that was sent. */
  boolean isDone(Predicate<Outbox> done) {
    return all().allMatch(outbox -> done.test(outbox) || !outbox.isConnected());
  }

  /** Closes all connections; afterwards nothing refers to the bound memory. */
  @Override
  public void close() {
    channels.close().awaitUninterruptibly(CLOSING_SECONDS, TimeUnit.SECONDS);
    server.close();
    clients.close();
    context.close();
    channels.close().awaitUninterruptibly(CLOSING_SECONDS, TimeUnit.SECONDS);
  }

  /** How long a failed worker waits until the others have received its failure. */
  static Duration farewell(Duration deadline) {
    Duration shortly = Duration.ofSeconds(CLOSING_SECONDS / 5);
    return deadline.compareTo(shortly) < 0 ? deadline : shortly;
  }
}
