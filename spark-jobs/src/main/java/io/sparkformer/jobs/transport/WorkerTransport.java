package io.sparkformer.jobs.transport;

import io.sparkformer.jobs.transport.FrameHeader.Kind;
import io.sparkformer.jobs.transport.WorkerGroup.Letter;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Passes ranges by reference between workers that are threads of one JVM, and sends them through sockets to the others. A lone worker never
 * waits.
 */
public final class WorkerTransport implements Transport {
  private static final String THIS_PROCESS = UUID.randomUUID().toString();

  private final Membership worker;
  private final Patience patience;
  private final WorkerGroup group;
  private final RemotePeers remote;
  private final long[] pushed;
  private final long[] pulledStep;
  private final LongAdder sentBytes = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();
  private long published;
  private FlatArrays arrays;

  private WorkerTransport(Membership worker, Patience patience, WorkerGroup group, RemotePeers remote) {
    this.worker = worker;
    this.patience = patience;
    this.group = group;
    this.remote = remote;
    this.pushed = new long[worker.workers()];
    this.pulledStep = new long[worker.workers()];
  }

  /** Joins workers that all share this JVM; does not wait for them. */
  public static WorkerTransport inProcess(Membership worker) {
    return inProcess(worker, Patience.logged(worker.deadline()));
  }

  private static WorkerTransport inProcess(Membership worker, Patience patience) {
    Set<Integer> all = new TreeSet<>();
    for (int rank = 0; rank < worker.workers(); rank++) {
      all.add(rank);
    }
    return new WorkerTransport(worker, patience, WorkerGroup.join(worker.run(), worker, all), null);
  }

  /**
   * Finds the other workers, in any JVM, and connects to those of other JVMs.
   *
   * @param sockets called only when there are workers in other JVMs
   */
  public static WorkerTransport join(Membership worker, Rendezvous rendezvous, Supplier<SocketSettings> sockets) {
    return join(worker, THIS_PROCESS, rendezvous, sockets, Patience.logged(worker.deadline()));
  }

  /** @param stalls is called during long waits, on this worker's thread */
  public static WorkerTransport join(Membership worker, Rendezvous rendezvous, Supplier<SocketSettings> sockets, Consumer<Stall> stalls) {
    return join(worker, THIS_PROCESS, rendezvous, sockets, new Patience(worker.deadline(), stalls));
  }

  /** @param process workers that give the same name share memory */
  static WorkerTransport join(Membership worker, String process, Rendezvous rendezvous, Supplier<SocketSettings> sockets,
      Patience patience) {
    Set<Integer> local = Introduction.neighbours(worker, process, rendezvous);
    if (local.size() == worker.workers()) {
      return inProcess(worker, patience);
    }
    WorkerGroup group = WorkerGroup.join(worker.run() + "@" + process, worker, local);
    RemotePeers remote = null;
    try {
      remote = new RemotePeers(worker, group, sockets.get());
      String[] addresses = rendezvous.gather(remote.address());
      for (int i = 1; i < addresses.length; i++) {
        // Every worker begins with the rank after its own, so that not all connect to the same one at once.
        int rank = (worker.rank() + i) % addresses.length;
        if (!local.contains(rank)) {
          remote.connect(rank, addresses[rank]);
        }
      }
      // No worker begins, and perhaps fails, before the others have connected to it.
      rendezvous.gather("connected");
      return new WorkerTransport(worker, patience, group, remote);
    } catch (RuntimeException | Error e) {
      group.leave(worker.rank());
      if (remote != null) {
        remote.close();
      }
      throw e;
    }
  }

  @Override
  public int rank() {
    return worker.rank();
  }

  @Override
  public int workers() {
    return worker.workers();
  }

  @Override
  public WirePrecision precision() {
    return workers() == 1 ? WirePrecision.FLOAT32 : worker.precision();
  }

  @Override
  public void bind(FlatArrays bound) {
    if (arrays != null) {
      throw new IllegalStateException("rank " + rank() + ": bind was called twice");
    }
    if (bound.slices().size() != workers()) {
      throw new IllegalArgumentException("rank " + rank() + ": " + bound.slices().size() + " slices for " + workers() + " workers; every "
          + "worker needs one");
    }
    if (precision() == WirePrecision.BFLOAT16 && bound.changes().length() != bound.slice(rank()).length()) {
      throw new IllegalArgumentException("rank " + rank() + ": " + bound.changes().length() + " changes for a slice of "
          + bound.slice(rank()).length() + " parameters");
    }
    arrays = bound;
    if (remote != null) {
      remote.bind(bound);
    }
  }

  @Override
  public void push(long step, FlatRange range) {
    for (int i = 1; i <= workers(); i++) {
      int owner = (rank() + i) % workers();
      FlatRange slice = arrays.slice(owner);
      FlatRange part = range.intersection(slice);
      if (part.isEmpty()) {
        continue;
      }
      if (isRemote(owner)) {
        group.requireOpen(rank(), step, "pushed " + part);
        sentBytes.add(part.length() * bytesTo(owner));
        remote.push(step, owner, part);
        continue;
      }
      precision().round(arrays.gradient().slice(part));
      if (owner == rank()) {
        continue;
      }
      sentBytes.add(part.length() * Float.BYTES);
      pushed[owner] += part.length();
      if (pushed[owner] == slice.length()) {
        pushed[owner] = 0;
        group.put(List.of(gradientLetter(step, rank(), owner)), arrays.gradient().slice(slice));
      }
    }
  }

  @Override
  public Contributions collect(long step) {
    FlatRange own = arrays.slice(rank());
    List<FloatRegion> regions = new ArrayList<>();
    for (int peer = 0; peer < workers(); peer++) {
      if (peer == rank()) {
        regions.add(arrays.gradient().slice(own));
      } else {
        Letter letter = gradientLetter(step, peer, rank());
        Incoming from = isRemote(peer) ? remote.from(peer) : null;
        regions.add(from == null ? (FloatRegion) group.take(letter, patience)
            : group.await(letter, patience, () -> from.contribution(step)));
        receivedBytes.add(own.length() * bytesTo(peer));
      }
    }
    return new Contributions() {
      @Override
      public FloatRegion of(int peer) {
        return regions.get(peer);
      }

      @Override
      public void close() {
        putToOthers(WorkerGroup.Kind.RETURN, step, own, own);
        for (int peer = 0; peer < workers(); peer++) {
          if (isRemote(peer)) {
            remote.from(peer).releaseContribution(step);
          }
        }
      }
    };
  }

  @Override
  public void awaitPushed(long step) {
    for (int owner = 0; owner < workers(); owner++) {
      FlatRange slice = arrays.slice(owner);
      Letter letter = new Letter(WorkerGroup.Kind.RETURN, step, owner, rank(), slice);
      if (owner == rank() || slice.isEmpty()) {
        continue;
      }
      if (isRemote(owner)) {
        Outbox outbox = remote.to(owner);
        group.await(letter, patience, () -> outbox.hasNoGradient() ? letter : null);
      } else {
        group.take(letter, patience);
      }
    }
  }

  @Override
  public void publish(long step, FlatRange range) {
    FlatRange own = arrays.slice(rank());
    group.requireOpen(rank(), step, "published " + range);
    for (int i = 1; i < workers(); i++) {
      int peer = (rank() + i) % workers();
      sentBytes.add(range.length() * bytesTo(peer));
      if (isRemote(peer) && !range.isEmpty()) {
        remote.publish(step, peer, range);
      }
    }
    published += range.length();
    if (published == own.length()) {
      published = 0;
      putToOthers(WorkerGroup.Kind.PARAMETERS, step, own, arrays.parameters().slice(own));
    }
  }

  @Override
  public void pull(long step, FlatRange range) {
    for (int owner = 0; owner < workers(); owner++) {
      FlatRange slice = arrays.slice(owner);
      FlatRange part = range.intersection(slice);
      if (owner == rank() || part.isEmpty()) {
        continue;
      }
      if (isRemote(owner)) {
        Letter letter = new Letter(WorkerGroup.Kind.PARAMETERS, step, owner, rank(), part);
        Incoming from = remote.from(owner);
        group.await(letter, patience, () -> from.hasParameters(step, part) ? letter : null);
        receivedBytes.add(part.length() * bytesTo(owner));
      } else if (pulledStep[owner] != step) {
        Letter letter = new Letter(WorkerGroup.Kind.PARAMETERS, step, owner, rank(), slice);
        arrays.parameters().slice(slice).copyFrom((FloatRegion) group.take(letter, patience));
        receivedBytes.add(slice.length() * Float.BYTES);
        pulledStep[owner] = step;
      }
    }
  }

  @Override
  public List<byte[]> exchange(long step, String what, byte[] message) {
    putToOthers(WorkerGroup.Kind.MESSAGE, step, what, message);
    if (remote != null) {
      byte[] name = what.getBytes(StandardCharsets.UTF_8);
      remote.message(Kind.MESSAGE, step, ByteBuffer.allocate(Short.BYTES + name.length + message.length)
          .putShort((short) name.length).put(name).put(message).array());
    }
    List<byte[]> messages = new ArrayList<>();
    for (int peer = 0; peer < workers(); peer++) {
      messages.add(peer == rank() ? message
          : (byte[]) group.take(new Letter(WorkerGroup.Kind.MESSAGE, step, peer, rank(), what), patience));
    }
    return messages;
  }

  @Override
  public void abort(Throwable cause) {
    group.fail(rank(), cause);
    if (remote != null) {
      byte[] words = String.valueOf(cause).getBytes(StandardCharsets.UTF_8);
      remote.message(Kind.ABORT, 0, words.length <= FrameHeader.MAX_MESSAGE_BYTES ? words
          : cause.getClass().getName().getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    if (remote == null) {
      group.leave(rank());
      return;
    }
    try {
      if (othersHaveReceived() && group.isOpen()) {
        remote.leave();
        // A worker may notice that a connection was closed before it reads the farewell on another one, and would take this one for lost.
        othersHaveReceived();
      }
      // A worker that closes at the same time can still send its end to this one.
      group.holds(RemotePeers.farewell(worker.deadline()), () -> remote.isDone(Outbox::hasNoMessage)
          && (!group.isOpen() || haveRemoteLeft()));
    } finally {
      group.leave(rank());
      remote.close();
    }
  }

  /** Waits until the workers of other processes have received all that was sent to them; false when they have not. */
  private boolean othersHaveReceived() {
    return group.holds(worker.deadline(), () -> remote.isDone(Outbox::isEmpty) || !group.isOpen());
  }

  /** All traffic so far. */
  public Traffic traffic() {
    return new Traffic(sentBytes.sum(), receivedBytes.sum());
  }

  /** How many connections are open, of either direction. */
  int connections() {
    return remote == null ? 0 : remote.connections();
  }

  private boolean haveRemoteLeft() {
    for (int peer = 0; peer < workers(); peer++) {
      if (isRemote(peer) && !group.hasLeft(peer)) {
        return false;
      }
    }
    return true;
  }

  /** Delivers something to the other workers of this JVM. */
  private void putToOthers(WorkerGroup.Kind kind, long step, Object subject, Object content) {
    List<Letter> copies = new ArrayList<>();
    for (int peer = 0; peer < workers(); peer++) {
      if (peer != rank() && !isRemote(peer)) {
        copies.add(new Letter(kind, step, rank(), peer, subject));
      }
    }
    group.put(copies, content);
  }

  private Letter gradientLetter(long step, int from, int owner) {
    return new Letter(WorkerGroup.Kind.GRADIENT, step, from, owner, arrays.slice(owner));
  }

  /** Of an element between this worker and another: within a process, float32 is handed over by reference. */
  private long bytesTo(int peer) {
    return isRemote(peer) ? worker.precision().bytes() : Float.BYTES;
  }

  private boolean isRemote(int peer) {
    return remote != null && remote.has(peer);
  }
}
