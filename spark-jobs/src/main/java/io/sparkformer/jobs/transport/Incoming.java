package io.sparkformer.jobs.transport;

import io.netty.channel.Channel;
import io.sparkformer.jobs.transport.FrameHeader.Kind;
import io.sparkformer.model.kernel.cpu.rows.Bfloat16Rows;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;

/** What arrives from one worker of another JVM: where it is written, and how much is there. */
final class Incoming {
  private final int from;
  private final WirePrecision precision;
  private Channel channel;
  private FlatArrays arrays;
  private FlatRange own;
  private FloatRegion contribution;
  private Arrivals gradient;
  private Arrivals parameters;
  /** Tile for bfloat16 elements before they are converted. */
  private FloatRegion tile;
  private FlatRange ready;

  Incoming(int from, WirePrecision precision) {
    this.from = from;
    this.precision = precision;
  }

  /** Sets the memory; the memory for the sender's contribution is allocated here, once. */
  synchronized void bind(FlatArrays bound, int rank) {
    arrays = bound;
    own = bound.slice(rank);
    contribution = FloatRegion.allocate(own.length());
    if (precision == WirePrecision.BFLOAT16) {
      tile = FloatRegion.allocate(Bfloat16Landing.TILE_BYTES / Float.BYTES);
    }
    gradient = new Arrivals(own);
    parameters = new Arrivals(bound.slice(from));
    requireSameSlice();
  }

  /** The sender has bound its memory: it accepts its slice of this worker's gradient from now on. */
  synchronized void ready(FlatRange slice) {
    ready = slice;
    requireSameSlice();
  }

  private void requireSameSlice() {
    if (arrays != null && ready != null && !arrays.slice(from).equals(ready)) {
      throw new IllegalStateException("rank " + from + " owns elements " + ready + ", expected " + arrays.slice(from)
          + "; all workers must train the same model");
    }
  }

  synchronized boolean isReady() {
    return ready != null;
  }

  /** All frames of a worker must come through the connection of its first frame. */
  synchronized void speakThrough(Channel speaker) {
    requireNoOther(speaker);
    channel = speaker;
  }

  /** @throws MalformedFrameException when the sender has another connection */
  synchronized void requireNoOther(Channel speaker) {
    if (channel != null && channel != speaker) {
      throw new MalformedFrameException("rank " + from + " sends through another connection already");
    }
  }

  /**
   * The memory for a chunk, reserved for it.
   *
   * @throws MalformedFrameException when no such chunk is expected
   */
  synchronized Landing place(FrameHeader chunk) {
    if (arrays == null) {
      throw new MalformedFrameException("elements that arrive before their memory is bound");
    }
    FlatRange range = chunk.range();
    if (chunk.kind() == Kind.GRADIENT) {
      gradient.claim(chunk.step(), range);
      return landing(contribution.slice(range.from() - own.from(), range.to() - own.from()), Bfloat16Rows::widen);
    }
    parameters.claim(chunk.step(), range);
    return landing(arrays.parameters().slice(range), Bfloat16Rows::add);
  }

  private Landing landing(FloatRegion place, Bfloat16Landing.Taking taking) {
    return precision == WirePrecision.FLOAT32 ? Landing.in(place.buffers()) : new Bfloat16Landing(tile, place, taking);
  }

  /** Marks a chunk as arrived. */
  synchronized void complete(FrameHeader chunk) {
    if (chunk.kind() == Kind.GRADIENT) {
      gradient.complete(chunk.range());
      return;
    }
    parameters.complete(chunk.range());
    if (parameters.has(chunk.step(), arrays.slice(from))) {
      parameters.release(chunk.step());
    }
  }

  /** The sender's contribution to a step, or null while it is incomplete. */
  synchronized FloatRegion contribution(long step) {
    return gradient.has(step, own) ? contribution : null;
  }

  synchronized void releaseContribution(long step) {
    gradient.release(step);
  }

  /** Whether a range of the parameters, owned by the sender, has arrived. */
  synchronized boolean hasParameters(long step, FlatRange range) {
    return parameters.has(step, range);
  }
}
