package io.sparkformer.jobs.transport;

import io.sparkformer.model.kernel.cpu.rows.Bfloat16Rows;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Converts arriving bfloat16 elements to float32 memory, through a tile that stays in the processor's cache. */
final class Bfloat16Landing implements Landing {
  /** As much as is read from a socket at a time. */
  static final int TILE_BYTES = 256 << 10;

  private final ByteBuffer tile;
  private final Taking taking;
  private final Iterator<ByteBuffer> targets;
  private ByteBuffer target;
  /** Elements of the target that are written. */
  private int taken;
  /** Elements for which the tile was handed to the reader. */
  private int given;

  /** Writes the elements of a tile to their place. */
  @FunctionalInterface
  interface Taking {
    /** {@code count} elements, {@code from} place {@code at} on, in float32 memory {@code to}, from place {@code toAt} on. */
    void take(ByteBuffer from, int at, ByteBuffer to, int toAt, int count);
  }

  /**
   * @param tile {@link #TILE_BYTES} long, or another length; not shared before the landing is finished or aborted
   * @param place {@code [elements]}
   */
  Bfloat16Landing(FloatRegion tile, FloatRegion place, Taking taking) {
    this.tile = tile.buffers().get(0);
    this.taking = taking;
    this.targets = place.buffers().iterator();
    this.target = targets.next();
  }

  @Override
  public boolean hasNext() {
    return left() > given || targets.hasNext();
  }

  @Override
  public ByteBuffer next() {
    finish();
    if (left() == 0) {
      if (!targets.hasNext()) {
        throw new NoSuchElementException("all elements have arrived");
      }
      target = targets.next();
      taken = 0;
    }
    given = Math.min(tile.capacity() / Bfloat16Rows.BYTES, left());
    return tile.clear().limit(given * Bfloat16Rows.BYTES);
  }

  @Override
  public void finish() {
    // Vectors are loaded from a whole buffer: from Java 19 on what lies before its position is no part of it.
    taking.take(tile.clear(), 0, target, taken, given);
    taken += given;
    given = 0;
  }

  private int left() {
    return target.capacity() / Float.BYTES - taken;
  }
}
