package io.sparkformer.model.graph;

import io.sparkformer.model.block.BlockMemory;
import io.sparkformer.model.block.LayerBlock;
import io.sparkformer.model.block.MicroBatchSize;
import io.sparkformer.model.block.PassSize;
import io.sparkformer.model.block.ProductMemory;
import io.sparkformer.model.block.Recompute;
import io.sparkformer.model.config.NetworkConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The most native memory, in bytes, that a network takes while it is trained: a sum over its blocks, predicted from its configuration. An
 * upper bound: all sequences of the largest micro-batch as long as the longest.
 *
 * @param parameters 4 for each
 * @param gradients 4 for each
 * @param derivedWeights what products in bfloat16 or 8-bit integers derive from the weights once an update
 * @param activations outputs of the blocks, in DL4J's workspace, and the gradients of their inputs: DL4J gives each vertex a workspace
 * @param kept on the kernels' stack from the forward pass to the backward pass
 * @param scratch on the stack within the backward pass of one block, on top of what is kept; if layers are computed again, with all that
 *     one of them keeps
 * @param reserve what the stack may take beyond what is used, and memory of each thread
 */
public record ModelMemory(long parameters, long gradients, long derivedWeights, long activations, long kept, long scratch,
    long reserve) {
  /** Room that DL4J's workspaces take beyond the largest use seen: 5 %, of gradients 2 %, and what alignment costs. */
  private static final double WORKSPACE_MARGIN = 1.06;
  /** Room that the stack takes beyond what is used: its newest chunk, before it is made one. */
  private static final double STACK_MARGIN = 1.13;
  private static final long SMALLEST_CHUNK = 1 << 20;
  /** By which a stack of a device grows at most. */
  private static final long LARGEST_CHUNK_STEP = 1 << 28;
  /** cuBLASLt's. */
  private static final long PRODUCTS_BYTES_OF_DEVICE = 32 << 20;
  /** Rows, places and labels that kernels of a device look up, and sums of blocks of rows. */
  private static final long NUMBERS_BYTES_OF_TOKEN = 320;
  /** oneDNN's own, for each thread: packed pieces of both inputs of a product, and primitives. */
  private static final long LIBRARY_BYTES_OF_THREAD = 4 << 20;
  /** Rows of logits, or of inner activations, of one thread before they are rounded. */
  private static final long DRAFT_ROWS = 256;
  /** Outputs of which one thread makes the weight gradient in bfloat16: it transposes those. */
  private static final long GRADIENT_OUTPUTS = 256;
  /** In 8-bit integers it makes so many sums at a time, but those of so many outputs in any case. */
  private static final long GRADIENT_SUMS = 1 << 17;
  private static final long FEWEST_GRADIENT_OUTPUTS = 64;
  /** Outputs of which one thread rounds the weights to 8-bit integers at a time, and transposes some. */
  private static final long ROUNDED_OUTPUTS = 2048;
  /** Operands have rows up to the next multiple of this. */
  private static final long OPERAND_ROWS = 256;

  /** @param threads of one worker */
  public static ModelMemory of(NetworkConfig config, MicroBatchSize batch, ProductMemory products, int threads) {
    return of(config, Recompute.NONE, batch, products, threads);
  }

  /** @param threads of one worker */
  public static ModelMemory of(NetworkConfig config, Recompute recompute, MicroBatchSize batch, ProductMemory products, int threads) {
    List<NetworkGraph.Placed> blocks = NetworkGraph.blocks(config, recompute);
    long parameters = Float.BYTES * blocks.stream().mapToLong(NetworkGraph.Placed::owned).sum();
    PassSize source = size(products, batch.sourceTokens(), batch.longestSource(), 0, 0);
    PassSize target = config.isEncoderDecoder()
        ? size(products, batch.targetTokens(), batch.longestTarget(), batch.sourceTokens(), batch.longestSource())
        : size(products, batch.targetTokens(), batch.longestTarget(), 0, 0);
    long kept = 0;
    long scratch = 0;
    long rows = 0;
    for (NetworkGraph.Placed placed : blocks) {
      PassSize size = placed.stack().equals(NetworkGraph.ENCODER) ? source : target;
      BlockMemory memory = placed.block().memory(size);
      if (placed.block() instanceof LayerBlock && recompute == Recompute.LAYERS) {
        // Its output too, which nothing reads.
        scratch = Math.max(scratch, memory.kept() + Float.BYTES * size.tokens() * config.width() + memory.scratch());
      } else {
        kept += memory.kept();
        scratch = Math.max(scratch, memory.scratch());
      }
      // Its output; of its inputs, as far as they are activations, the gradients.
      rows += 2 * size.tokens() + size.memoryTokens();
    }
    long activations = (long) (WORKSPACE_MARGIN * Float.BYTES * rows * config.width());
    if (products.isOnDevice()) {
      return new ModelMemory(parameters, parameters, derivedWeights(blocks, products), activations, kept, scratch,
          deviceReserve(activations + kept + scratch, Math.max(source.tokens(), target.tokens())));
    }
    long stack = (long) (STACK_MARGIN * (kept + scratch)) + SMALLEST_CHUNK;
    return new ModelMemory(parameters, parameters, derivedWeights(blocks, products), activations, kept, scratch,
        stack - kept - scratch + threads * ofThread(config, products, Math.max(source.tokens(), target.tokens())));
  }

  /** What products may use, the newest chunks of both stacks, and numbers of rows. */
  private static long deviceReserve(long stacks, long tokens) {
    return PRODUCTS_BYTES_OF_DEVICE + 2 * SMALLEST_CHUNK + Math.min(stacks, 2 * LARGEST_CHUNK_STEP) + NUMBERS_BYTES_OF_TOKEN * tokens;
  }

  private static PassSize size(ProductMemory products, long tokens, long longest, long memoryTokens, long longestMemory) {
    return new PassSize(products, tokens, longest, memoryTokens, longestMemory, tokens);
  }

  /** Of every matrix; and plain rounded weights of one, on their way into a packed layout. A table with two readers is one weight. */
  private static long derivedWeights(List<NetworkGraph.Placed> blocks, ProductMemory products) {
    Set<String> counted = new HashSet<>();
    long weights = 0;
    long largest = 0;
    for (NetworkGraph.Placed placed : blocks) {
      String first = placed.block().parameters().isEmpty() ? "" : placed.block().parameters().get(0).name();
      if (counted.add(first + placed.block().getClass())) {
        weights += placed.block().productWeights();
      }
      largest = Math.max(largest, placed.block().parameters().stream().filter(parameter -> parameter.shape().length == 2)
          .mapToLong(parameter -> (parameter.shape()[0] + OPERAND_ROWS) * parameter.shape()[1]).max().orElse(0));
    }
    return products.weightBytes() * weights + (products == ProductMemory.BFLOAT16 ? 2 * largest : 0);
  }

  private static long ofThread(NetworkConfig config, ProductMemory products, long tokens) {
    if (!products.hasDrafts()) {
      return LIBRARY_BYTES_OF_THREAD;
    }
    long inner = config.lastStack().layers().stream().mapToLong(layer -> layer.feedForward().innerRows()).max().orElse(0);
    long draft = Float.BYTES * DRAFT_ROWS * Math.max(config.vocabulary(), 2 * inner);
    long widest = Math.max(inner, config.width());
    long packed = products.operandBytes() * (tokens + OPERAND_ROWS) * (config.width() + widest);
    if (products == ProductMemory.BFLOAT16) {
      return LIBRARY_BYTES_OF_THREAD + draft + 2 * GRADIENT_OUTPUTS * (tokens + OPERAND_ROWS) + packed;
    }
    long sums = Float.BYTES * Math.max(GRADIENT_SUMS, FEWEST_GRADIENT_OUTPUTS * widest);
    return LIBRARY_BYTES_OF_THREAD + draft + sums + packed + (ROUNDED_OUTPUTS + OPERAND_ROWS) * widest;
  }

  /** All but parameters and gradients. */
  public long working() {
    return derivedWeights + activations + kept + scratch + reserve;
  }

  public long total() {
    return parameters + gradients + working();
  }
}
