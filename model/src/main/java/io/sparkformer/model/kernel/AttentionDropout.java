package io.sparkformer.model.kernel;

/** How the elements of a query's attention weights are numbered for {@link Dropout}. */
public final class AttentionDropout {
  /** More keys than any sentence has. */
  private static final int KEYS_PER_HEAD = 1 << 16;

  private AttentionDropout() {}

  public static int element(int head, int keyPosition) {
    return head * KEYS_PER_HEAD + keyPosition;
  }
}
