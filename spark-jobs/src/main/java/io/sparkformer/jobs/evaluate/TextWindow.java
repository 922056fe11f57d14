package io.sparkformer.jobs.evaluate;

import io.sparkformer.model.batch.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A piece of a document that a decoder reads at once.
 *
 * @param read the tokens that it reads
 * @param labels the tokens that follow each, {@link Batch#IGNORED} where an earlier window counts it
 */
record TextWindow(int[] read, int[] labels) {

  /**
   * The windows of a document, in which every token but the first counts once: in the first window that it follows a token of.
   *
   * @param tokens of the document; those before the second are context only
   * @param size most tokens of a window
   * @param stride from the begin of one to that of the next; a token has at least {@code size - stride} tokens before it, but at the
   *     beginning
   */
  static List<TextWindow> of(int[] tokens, int size, int stride) {
    if (stride < 1 || stride > size) {
      throw new IllegalArgumentException("Invalid stride: " + stride + " (must be from 1 to the window, " + size + ")");
    }
    List<TextWindow> windows = new ArrayList<>();
    int counted = 1;
    for (int from = 0; counted < tokens.length; from += stride) {
      int to = Math.min(tokens.length - 1, from + size);
      int[] labels = Arrays.copyOfRange(tokens, from + 1, to + 1);
      Arrays.fill(labels, 0, counted - from - 1, Batch.IGNORED);
      windows.add(new TextWindow(Arrays.copyOfRange(tokens, from, to), labels));
      counted = to + 1;
    }
    return windows;
  }
}
