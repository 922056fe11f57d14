package io.sparkformer.jobs.transport;

import io.sparkformer.jobs.transport.FrameHeader.Kind;
import io.sparkformer.jobs.transport.Parcel.Chunk;
import io.sparkformer.model.memory.FlatRange;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;

/**
 * Sends to one worker of another JVM. Chunks are sent in the order of their parcels, as many at a time as the bound on unacknowledged bytes
 * allows; short messages do not queue. No method waits.
 */
final class Outbox {
  private final Membership worker;
  private final UUID run;
  private final int to;
  private final TransportClient client;
  private final WorkerGroup group;
  private final SocketSettings settings;
  private final Deque<Parcel> waiting = new ArrayDeque<>();
  private boolean open;
  private long bytesInFlight;
  private int messagesInFlight;
  private int gradientsInFlight;

  Outbox(Membership worker, UUID run, int to, TransportClient client, WorkerGroup group, SocketSettings settings) {
    this.worker = worker;
    this.run = run;
    this.to = to;
    this.client = client;
    this.group = group;
    this.settings = settings;
    client.getChannel().closeFuture().addListener(closed -> lost("closed the connection"));
  }

  /** The receiver has bound its memory: chunks may be sent. */
  void open() {
    synchronized (this) {
      open = true;
    }
    sendWhatFits();
  }

  void send(Parcel parcel) {
    synchronized (this) {
      waiting.add(parcel);
    }
    sendWhatFits();
  }

  void message(Kind kind, long step, FlatRange range, byte[] body) {
    synchronized (this) {
      messagesInFlight++;
    }
    upload(header(kind, step, range, body.length), ByteBuffer.wrap(body), () -> messagesInFlight--);
  }

  /** Whether the receiver has acknowledged all of the gradient. */
  synchronized boolean hasNoGradient() {
    return gradientsInFlight == 0 && waiting.stream().noneMatch(parcel -> parcel.kind() == Kind.GRADIENT);
  }

  /** Whether the receiver has acknowledged everything. */
  synchronized boolean isEmpty() {
    return waiting.isEmpty() && bytesInFlight == 0 && messagesInFlight == 0;
  }

  synchronized boolean hasNoMessage() {
    return messagesInFlight == 0;
  }

  boolean isConnected() {
    return client.isActive();
  }

  private void sendWhatFits() {
    for (Chunk chunk : chunksThatFit()) {
      int bytes = chunk.bytes().remaining();
      upload(header(chunk.kind(), chunk.step(), chunk.range(), bytes), chunk.bytes(), () -> {
        bytesInFlight -= bytes;
        gradientsInFlight -= chunk.kind() == Kind.GRADIENT ? 1 : 0;
      });
    }
  }

  private synchronized List<Chunk> chunksThatFit() {
    List<Chunk> chunks = new ArrayList<>();
    while (open && !waiting.isEmpty() && bytesInFlight < settings.bytesInFlight()) {
      Parcel parcel = waiting.peek();
      Chunk chunk = parcel.next();
      chunks.add(chunk);
      bytesInFlight += chunk.bytes().remaining();
      gradientsInFlight += chunk.kind() == Kind.GRADIENT ? 1 : 0;
      if (!parcel.hasNext()) {
        waiting.remove();
      }
    }
    return chunks;
  }

  private FrameHeader header(Kind kind, long step, FlatRange range, int bodyBytes) {
    return new FrameHeader(kind, run, worker.attempt(), worker.rank(), to, step, range, bodyBytes);
  }

  private void upload(FrameHeader header, ByteBuffer body, Runnable acknowledged) {
    client.uploadStream(new NioManagedBuffer(header.encode()), new NioManagedBuffer(body), new RpcResponseCallback() {
      @Override
      public void onSuccess(ByteBuffer response) {
        synchronized (Outbox.this) {
          acknowledged.run();
        }
        sendWhatFits();
        group.signal();
      }

      @Override
      public void onFailure(Throwable failure) {
        lost(failure.getMessage());
      }
    });
  }

  private void lost(String reason) {
    // A worker that leaves closes its connections, and so does this one.
    if (!group.hasLeft(to) && !group.hasLeft(worker.rank())) {
      group.end("the connection to rank " + to + " (" + client.getSocketAddress() + ") was lost: " + reason, null);
    }
  }
}
