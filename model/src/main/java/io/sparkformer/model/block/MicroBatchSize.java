package io.sparkformer.model.block;

/**
 * The largest micro-batch that a network is trained on. Sentences count with their end token.
 *
 * @param sourceTokens of all its sentences together
 * @param targetTokens of all its sentences together
 * @param longestSource tokens of the longest sentence
 * @param longestTarget tokens of the longest sentence
 */
public record MicroBatchSize(int sourceTokens, int targetTokens, int longestSource, int longestTarget) {
  /** @throws IllegalArgumentException when a size is not positive, or a sentence is longer than the batch */
  public MicroBatchSize {
    if (longestSource < 1 || longestTarget < 1 || longestSource > sourceTokens || longestTarget > targetTokens) {
      throw new IllegalArgumentException("Invalid micro-batch: %d source tokens, longest sentence %d; %d target tokens, longest sentence %d"
          .formatted(sourceTokens, longestSource, targetTokens, longestTarget));
    }
  }

  /**
   * The largest share of a global batch that is cut into parts of about equal work. Cuts lie between sentences, so a part may exceed its
   * share by one sentence.
   *
   * @param batchTokens most tokens on either side of the global batch
   * @param parts workers times micro-batches of each
   */
  public static MicroBatchSize share(int batchTokens, int parts, int longestSource, int longestTarget) {
    return new MicroBatchSize(share(batchTokens, parts, longestSource), share(batchTokens, parts, longestTarget), longestSource,
        longestTarget);
  }

  private static int share(int batchTokens, int parts, int longest) {
    return (int) Math.min(batchTokens, (batchTokens + parts - 1L) / parts + longest);
  }
}
