package io.sparkformer.model.block;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.LayerConfig;
import io.sparkformer.model.config.LayerConfig.Arrangement;

/** The memory of a layer: a sum over its kernels, and what lies between them. */
record LayerMemory(LayerConfig config, long width, PassSize size) {
  /** Arrays of the scores of some sequences that a portable attention uses at once, and their elements; see {@code kernel.portable}. */
  private static final int PORTABLE_SCORES = 7;
  private static final long PORTABLE_ELEMENTS = 1 << 24;
  /** Arrays as large as the inner ones that portable kernels make on their way. */
  private static final int PORTABLE_ARRAYS = 4;

  BlockMemory memory() {
    long kept = attention(config.selfAttention(), size.tokens(), 0) + feedForward() + between();
    long scratch = Math.max(attentionScratch(config.selfAttention(), size.tokens()), feedForwardScratch());
    if (config.crossAttention() != null) {
      kept += attention(config.crossAttention(), size.memoryTokens(), size.operand(size.memoryTokens(), width));
      scratch = Math.max(scratch, attentionScratch(config.crossAttention(), size.memoryTokens()));
    }
    return new BlockMemory(kept, scratch + gradients());
  }

  private int subLayers() {
    return config.crossAttention() == null ? 2 : 3;
  }

  /** Outputs of the kernels but the last one, and what norms keep: the normalized rows and a number for each. */
  private long between() {
    long norms = config.arrangement() == Arrangement.PARALLEL ? 1 : subLayers();
    long steps = config.arrangement() == Arrangement.POST_NORM ? 2L * subLayers() : 2L * subLayers() + norms;
    return (steps - 1 + norms) * PassSize.floats(size.tokens(), width) + norms * PassSize.floats(size.tokens(), 1);
  }

  /** Gradients of all inputs of the kernels, until the layer is done. */
  private long gradients() {
    long ofTokens = 4L * subLayers();
    return ofTokens * PassSize.floats(size.tokens(), width)
        + (config.crossAttention() == null ? 0 : PassSize.floats(size.memoryTokens(), width));
  }

  /** Query, key, value and context; two numbers for every query and head; what products read. */
  private long attention(AttentionConfig attention, long keys, long memoryOperand) {
    long projections = PassSize.floats(size.tokens(), 2L * attention.queryWidth()) + PassSize.floats(keys, 2L * attention.keyValueWidth());
    long statistics = 2 * PassSize.floats(attention.heads(), size.tokens());
    if (size.isOnDevice()) {
      return projections + statistics;
    }
    long operands = size.operand(size.tokens(), width) + size.operand(size.tokens(), attention.queryWidth());
    return projections + statistics + operands + memoryOperand;
  }

  private long scores(AttentionConfig attention) {
    long ofSequence = attention.heads() * Math.max(size.longest(), size.longestMemory());
    return PassSize.floats(Math.min(size.tokens(), Math.max(size.longest(), PORTABLE_ELEMENTS / ofSequence)), ofSequence);
  }

  /** Gradients of the context and of the projections, and what products read of them; of heads that share keys, a part for each. */
  private long attentionScratch(AttentionConfig attention, long keys) {
    if (size.isOnDevice()) {
      return 2 * size.operand(Math.max(size.tokens(), keys), width) + size.operand(size.tokens(), attention.queryWidth())
          + size.roundedFloats(size.tokens(), 2L * attention.queryWidth()) + size.roundedFloats(keys, 2L * attention.keyValueWidth())
          + PassSize.floats(size.tokens(), attention.heads());
    }
    long shared = attention.group() > 1 ? 2L * attention.heads() * attention.headWidth() : 0;
    long projections = PassSize.floats(size.tokens(), 2L * attention.queryWidth())
        + PassSize.floats(keys, 2L * attention.keyValueWidth() + shared);
    long operands = size.operand(size.tokens(), width + attention.queryWidth()) + size.operand(keys, 2L * attention.keyValueWidth());
    return projections + operands + (size.isPortable() ? PORTABLE_SCORES * scores(attention) + PORTABLE_ARRAYS * projections : 0);
  }

  private long feedForward() {
    FeedForwardConfig feedForward = config.feedForward();
    if (size.isOnDevice()) {
      return PassSize.floats(size.tokens(), feedForward.innerRows());
    }
    boolean keepsSums = feedForward.kind() == FeedForwardConfig.Kind.GATED || feedForward.activation() != Activation.RELU;
    long sums = keepsSums || size.isPortable() ? PassSize.floats(size.tokens(), feedForward.innerRows()) : 0;
    long hidden = size.isPortable() ? 0 : size.onlyOperand(size.tokens(), feedForward.inner());
    return size.operand(size.tokens(), width) + sums + hidden;
  }

  private long feedForwardScratch() {
    if (size.isOnDevice()) {
      return 2 * size.operand(size.tokens(), width) + size.operand(size.tokens(), config.feedForward().innerRows())
          + PassSize.floats(size.tokens(), config.feedForward().inner()) + size.roundedFloats(size.tokens(), config.feedForward().inner());
    }
    long gradient = size.onlyOperand(size.tokens(), config.feedForward().innerRows());
    return size.operand(size.tokens(), width) + gradient + (size.isPortable() ? PORTABLE_ARRAYS * gradient : 0);
  }
}
