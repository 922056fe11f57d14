package io.sparkformer.jobs.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.apache.spark.network.protocol.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks frames before Spark's frame decoder, which accepts every length up to 2 GB, and closes the connection at the first frame that no
 * worker of this run sends. Only the beginning of a frame is copied.
 */
final class FrameGuard extends ChannelInboundHandlerAdapter {
  /** Largest frame of Spark's own: a handshake, or an answer. */
  static final int MAX_SMALL_FRAME_BYTES = 64 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(FrameGuard.class);
  /** Frame length, message type. */
  private static final int BEGINNING = Long.BYTES + 1;
  /** Then, of an upload: request, header's length, header, body's length. */
  private static final int UPLOAD = BEGINNING + Long.BYTES + Integer.BYTES + FrameHeader.LENGTH + Long.BYTES;

  private final Consumer<FrameHeader> judge;
  private final Side side;
  private final ByteBuffer prefix = ByteBuffer.allocate(UPLOAD);
  private int prefixBytes = BEGINNING;
  private long bodyBytesLeft;
  private boolean closed;

  /** Which end of a connection is guarded. */
  enum Side {
    /** Opened the connection: gets answers only. */
    SENDER,
    /** Accepted the connection: gets handshakes and uploads only. */
    RECEIVER
  }

  /** @param judge throws {@link MalformedFrameException} when a header is not for this worker */
  FrameGuard(Side side, Consumer<FrameHeader> judge) {
    this.side = side;
    this.judge = judge;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object data) {
    if (closed) {
      ReferenceCountUtil.release(data);
      return;
    }
    try {
      readAlong((ByteBuf) data);
    } catch (MalformedFrameException e) {
      closed = true;
      ReferenceCountUtil.release(data);
      LOG.info("Closing the connection from {}: {}", context.channel().remoteAddress(), e.getMessage());
      context.close();
      return;
    }
    context.fireChannelRead(data);
  }

  private void readAlong(ByteBuf data) {
    int at = data.readerIndex();
    while (at < data.writerIndex()) {
      int left = data.writerIndex() - at;
      if (bodyBytesLeft > 0) {
        int skipped = (int) Math.min(left, bodyBytesLeft);
        bodyBytesLeft -= skipped;
        at += skipped;
      } else {
        int count = Math.min(left, prefixBytes - prefix.position());
        prefix.limit(prefix.position() + count);
        data.getBytes(at, prefix);
        at += count;
        if (prefix.position() == prefixBytes) {
          judgePrefix();
        }
      }
    }
  }

  private void judgePrefix() {
    long frameBytes = prefix.getLong(0);
    byte type = prefix.get(Long.BYTES);
    boolean upload = side == Side.RECEIVER && type == Message.Type.UploadStream.id();
    if (prefixBytes == BEGINNING) {
      boolean small = side == Side.RECEIVER ? type == Message.Type.RpcRequest.id()
          : type == Message.Type.RpcResponse.id() || type == Message.Type.RpcFailure.id();
      boolean fits = upload ? frameBytes == UPLOAD : small && frameBytes >= BEGINNING + Long.BYTES && frameBytes <= MAX_SMALL_FRAME_BYTES;
      if (!fits) {
        throw new MalformedFrameException("a frame of type " + type + " and " + frameBytes + " bytes");
      }
      if (upload) {
        prefixBytes = UPLOAD;
        return;
      }
      bodyBytesLeft = frameBytes - BEGINNING;
    } else {
      judgeUpload();
    }
    prefix.clear();
    prefixBytes = BEGINNING;
  }

  private void judgeUpload() {
    int headerLengthAt = BEGINNING + Long.BYTES;
    int headerAt = headerLengthAt + Integer.BYTES;
    if (prefix.getInt(headerLengthAt) != FrameHeader.LENGTH) {
      throw new MalformedFrameException("a header of " + prefix.getInt(headerLengthAt) + " bytes");
    }
    FrameHeader header = FrameHeader.decode(prefix.slice(headerAt, FrameHeader.LENGTH));
    bodyBytesLeft = prefix.getLong(headerAt + FrameHeader.LENGTH);
    if (bodyBytesLeft != header.bodyBytes()) {
      throw new MalformedFrameException("a body of " + bodyBytesLeft + " bytes instead of " + header.bodyBytes());
    }
    judge.accept(header);
  }
}
