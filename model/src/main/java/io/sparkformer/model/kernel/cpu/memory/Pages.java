package io.sparkformer.model.kernel.cpu.memory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Pieces of native memory of one size that are used again and again. A page may have several owners; what none owns any more is free. Pages
 * that are forgotten instead of released are lost to this pool, and freed with the chunk they lie in once nobody has a page of it. For
 * one thread.
 */
public final class Pages {
  /** Floats that are allocated at a time. */
  private static final int CHUNK = 1 << 20;

  private final int floats;
  private final ArrayDeque<Page> free = new ArrayDeque<>();

  /** @param floats of a page */
  public Pages(int floats) {
    this.floats = floats;
  }

  /** A piece of native memory: {@code floats} from a place on. */
  public static final class Page {
    private final Floats chunk;
    private final int offset;
    private int owners;

    private Page(Floats chunk, int offset) {
      this.chunk = chunk;
      this.offset = offset;
    }

    /** The memory that the page is a part of. */
    public ByteBuffer bytes() {
      return chunk.bytes();
    }

    /** Place of its first float. */
    public int offset() {
      return offset;
    }

    public boolean isShared() {
      return owners > 1;
    }

    /** One owner more. */
    public void share() {
      owners++;
    }
  }

  /** A page of unspecified content with one owner. */
  public Page take() {
    if (free.isEmpty()) {
      int count = Math.max(1, CHUNK / floats);
      Floats chunk = Floats.allocate((long) count * floats);
      for (int i = 0; i < count; i++) {
        free.add(new Page(chunk, i * floats));
      }
    }
    Page page = free.pop();
    page.owners = 1;
    return page;
  }

  /** One owner less. */
  public void release(Page page) {
    page.owners--;
    if (page.owners == 0) {
      free.push(page);
    }
  }

  /** The content of a page, into another one. */
  public void copy(Page from, Page to) {
    to.bytes().put(to.offset * Float.BYTES, from.bytes(), from.offset * Float.BYTES, floats * Float.BYTES);
  }
}
