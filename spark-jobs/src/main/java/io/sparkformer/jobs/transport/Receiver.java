package io.sparkformer.jobs.transport;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.sparkformer.jobs.transport.WorkerGroup.Letter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.util.TransportFrameDecoder;

/** Checks every frame that one worker receives, and writes its content to memory. */
final class Receiver extends RpcHandler {
  private final Membership worker;
  private final UUID run;
  private final WorkerGroup group;
  private final Incoming[] incoming;
  private final ChannelGroup channels;
  private final StreamManager nothing = new OneForOneStreamManager();
  private final Runnable whenReady;

  /** @param whenReady called when another worker has bound its memory */
  Receiver(Membership worker, UUID run, WorkerGroup group, Incoming[] incoming, ChannelGroup channels, Runnable whenReady) {
    this.worker = worker;
    this.run = run;
    this.group = group;
    this.incoming = incoming;
    this.channels = channels;
    this.whenReady = whenReady;
  }

  /** Before the first byte of a connection, whichever side opened it. */
  @Override
  public void channelActive(TransportClient client) {
    Channel channel = client.getChannel();
    FrameGuard.Side side = channel.parent() == null ? FrameGuard.Side.SENDER : FrameGuard.Side.RECEIVER;
    FrameGuard guard = new FrameGuard(side, header -> judge(header, channel));
    channel.pipeline().addBefore(TransportFrameDecoder.HANDLER_NAME, "frameGuard", guard);
    if (side == FrameGuard.Side.RECEIVER) {
      DirectReads.install(channel, guard);
    }
    channels.add(channel);
  }

  /** The checks of a frame that are made before its sender is authenticated. */
  private void judge(FrameHeader header, Channel channel) {
    header.requireFor(run, worker);
    incoming[header.from()].requireNoOther(channel);
  }

  /** Rejects a message that no worker sends; messages of Spark's handshake are handled elsewhere. */
  @Override
  public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
    client.getChannel().close();
  }

  @Override
  public StreamCallbackWithID receiveStream(TransportClient client, ByteBuffer meta, RpcResponseCallback callback) {
    FrameHeader header = FrameHeader.decode(meta);
    header.requireFor(run, worker);
    Incoming sender = incoming[header.from()];
    sender.speakThrough(client.getChannel());
    if (header.kind().isChunk()) {
      ChunkSink sink = new ChunkSink(sender.place(header), () -> {
        sender.complete(header);
        group.signal();
      });
      DirectReads.into(client.getChannel(), sink);
      return sink;
    }
    ByteBuffer body = ByteBuffer.allocate(header.bodyBytes());
    return new ChunkSink(Landing.in(List.of(body)), () -> deliver(header, body.flip()));
  }

  private void deliver(FrameHeader header, ByteBuffer body) {
    switch (header.kind()) {
      case MESSAGE -> {
        String what = text(body, Math.min(body.remaining(), body.remaining() < Short.BYTES ? 0 : body.getShort() & 0xffff));
        byte[] message = new byte[body.remaining()];
        body.get(message);
        if (!group.deliver(new Letter(WorkerGroup.Kind.MESSAGE, header.step(), header.from(), header.to(), what), message)) {
          throw new MalformedFrameException("the message of the exchange of " + what + " arrived before");
        }
      }
      case READY -> {
        incoming[header.from()].ready(header.range());
        whenReady.run();
      }
      case ABORT -> group.end("rank " + header.from() + " failed: " + text(body, body.remaining()), null);
      case LEAVE -> group.leaveRemote(header.from());
      default -> throw new IllegalStateException("A frame of kind " + header.kind() + " holds no message");
    }
  }

  private static String text(ByteBuffer body, int bytes) {
    byte[] text = new byte[Math.min(bytes, body.remaining())];
    body.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  @Override
  public StreamManager getStreamManager() {
    return nothing;
  }
}
