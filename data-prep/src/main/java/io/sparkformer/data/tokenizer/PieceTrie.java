package io.sparkformer.data.tokenizer;

import java.util.Arrays;

/** Byte strings with numbers, and a walk that finds all of them which begin at a place. */
final class PieceTrie {

  static final int ROOT = 0;
  static final int NONE = -1;

  private static final int BYTE_BITS = 8;

  /** Of each edge {@code (node << 8 | byte) + 1}; 0 where there is none. Open addressing. */
  private long[] edges = new long[1 << 10];
  private int[] children = new int[1 << 10];
  private int[] pieces = {NONE};
  private int nodes = 1;

  void put(byte[] piece, int number) {
    int node = ROOT;
    for (byte value : piece) {
      int child = child(node, value & 0xff);
      node = child == NONE ? add(node, value & 0xff) : child;
    }
    pieces[node] = number;
  }

  /** The node behind a byte; {@link #NONE} where no piece goes on so. */
  int child(int node, int value) {
    long edge = edge(node, value);
    for (int slot = slot(edge);; slot = slot + 1 & edges.length - 1) {
      if (edges[slot] == edge) {
        return children[slot];
      }
      if (edges[slot] == 0) {
        return NONE;
      }
    }
  }

  /** The number of the piece that ends at a node; {@link #NONE} for none. */
  int piece(int node) {
    return pieces[node];
  }

  private int add(int node, int value) {
    if (2 * nodes >= edges.length) {
      long[] oldEdges = edges;
      int[] oldChildren = children;
      edges = new long[2 * oldEdges.length];
      children = new int[edges.length];
      for (int i = 0; i < oldEdges.length; i++) {
        if (oldEdges[i] != 0) {
          insert(oldEdges[i], oldChildren[i]);
        }
      }
    }
    if (nodes == pieces.length) {
      pieces = Arrays.copyOf(pieces, 2 * nodes);
    }
    pieces[nodes] = NONE;
    insert(edge(node, value), nodes);
    return nodes++;
  }

  private void insert(long edge, int child) {
    int slot = slot(edge);
    while (edges[slot] != 0) {
      slot = slot + 1 & edges.length - 1;
    }
    edges[slot] = edge;
    children[slot] = child;
  }

  private static long edge(int node, int value) {
    return ((long) node << BYTE_BITS | value) + 1;
  }

  private int slot(long edge) {
    long mixed = edge * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 40) & edges.length - 1;
  }
}
