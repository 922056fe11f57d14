package io.sparkformer.jobs.transport;

import java.nio.ByteBuffer;
import org.apache.spark.network.client.StreamCallbackWithID;

/** Writes a body, as it arrives, directly to its place in memory. */
final class ChunkSink implements StreamCallbackWithID {
  private static final int MOST_LENT_BYTES = 1 << 20;

  private final Landing rest;
  private final Runnable whenWhole;
  private ByteBuffer target;
  private boolean lent;

  /**
   * @param landing memory of exactly the body's length
   * @param whenWhole called when all of it is written
   */
  ChunkSink(Landing landing, Runnable whenWhole) {
    this.rest = landing;
    this.target = rest.next();
    this.whenWhole = whenWhole;
  }

  /** Whether the next bytes may be read directly into {@link #lend}. */
  boolean lends() {
    return target.isDirect() && (target.hasRemaining() || rest.hasNext());
  }

  /** The memory for the next bytes; {@link #onData} is then called with bytes that are in place already. */
  ByteBuffer lend() {
    if (!target.hasRemaining()) {
      target = rest.next();
    }
    lent = true;
    return target.slice(target.position(), Math.min(MOST_LENT_BYTES, target.remaining()));
  }

  @Override
  public String getID() {
    return "chunk";
  }

  @Override
  public void onData(String id, ByteBuffer data) {
    if (lent) {
      lent = false;
      target.position(target.position() + data.remaining());
      data.position(data.limit());
      return;
    }
    int end = data.limit();
    while (data.position() < end) {
      if (!target.hasRemaining()) {
        target = rest.next();
      }
      data.limit(Math.min(end, data.position() + target.remaining()));
      target.put(data);
      data.limit(end);
    }
  }

  @Override
  public void onComplete(String id) {
    if (target.hasRemaining() || rest.hasNext()) {
      throw new MalformedFrameException("a body that ends early");
    }
    rest.finish();
    whenWhole.run();
  }

  @Override
  public void onFailure(String id, Throwable cause) {
    // A lost sender is noticed where this worker writes to it; an incomplete chunk counts as not received.
  }
}
